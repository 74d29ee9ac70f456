// What the window says of labels.

export const labels = {
  heading: 'Labels',
  take: (name: string) => `Take the label “${name}” off`,
  taken: (name: string) => `The label “${name}” was taken off.`,
  more: (count: number) => `+${count}`,
};
