// The looks of the desktop, light or dark, as desktops tell them to their programs (XSETTINGS).

import { writeFileSync } from 'node:fs'

const { POSTRIDER_E2E_LOOKS: file, POSTRIDER_E2E_LOOKS_PID: pid } = process.env
// What ends in "-dark" is a dark theme for GTK and WebKit, whether it is installed or not.
const THEMES = { light: 'Adwaita', dark: 'Adwaita-dark' }

/** Turns the whole desktop light or dark; open windows follow a moment later. */
export function turnDesktop(look) {
  writeFileSync(file, `Net/ThemeName "${THEMES[look]}"\n`)
  process.kill(Number(pid), 'SIGHUP')
}
