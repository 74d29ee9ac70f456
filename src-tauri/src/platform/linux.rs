//! Linux: D-Bus for notifications, for the tray and for the first of several starts.

use crate::leave::WayBack;
use crate::notice::{self, Notice};
use crate::options::Options;
use futures::StreamExt;
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;
use std::time::Duration;
use tauri::plugin::TauriPlugin;
use tauri::{AppHandle, Wry};
use tokio::sync::OnceCell;
use zbus::zvariant::Value;

/// Who keeps the tray icons.
const WATCHER: &str = "org.kde.StatusNotifierWatcher";

/// How long the panel may take to come up with the session.
const TRAY_COMES: Duration = Duration::from_secs(30);

/// WebKitGTK's renderer shows an empty window with some NVIDIA drivers; this variable turns that renderer off.
const NO_DMABUF: &str = "WEBKIT_DISABLE_DMABUF_RENDERER";

/// The environment that WebKitGTK needs here. To be called before anything else runs.
pub fn prepare() {
    let has_nvidia = Path::new("/sys/module/nvidia").exists() || Path::new("/proc/driver/nvidia/version").exists();
    if has_nvidia && std::env::var_os(NO_DMABUF).is_none() {
        // SAFETY: this is the first thing in `main`, and there is no other thread that could read the environment.
        #[allow(unsafe_code)]
        unsafe {
            std::env::set_var(NO_DMABUF, "1");
        }
    }
}

/// A second start on the same home is handed to the first. A home that was named has a first start of its own.
pub fn single_instance(
    options: &Options,
    second_start: impl FnMut(&AppHandle, Vec<String>, String) + Send + Sync + 'static,
) -> TauriPlugin<Wry> {
    let builder = tauri_plugin_single_instance::Builder::new().callback(second_start);
    if options.home_is_named {
        let mut hasher = DefaultHasher::new();
        options.home.hash(&mut hasher);
        builder.dbus_id(format!("org.postrider.desktop.home{:016x}", hasher.finish())).build()
    } else {
        builder.build()
    }
}

/// Whether the desktop has a place for tray icons (a StatusNotifierWatcher).
pub fn has_tray() -> bool {
    tauri::async_runtime::block_on(async {
        let connection = session().await?;
        let bus = zbus::fdo::DBusProxy::new(connection).await?;
        Ok::<_, zbus::Error>(bus.name_has_owner(WATCHER.try_into()?).await?)
    })
    .unwrap_or_else(|error| {
        tracing::info!("there is no session bus, so no tray: {error}");
        false
    })
}

/// Waits until there is such a place: at the beginning of a session the panel may come later than we do.
pub async fn tray_comes() -> bool {
    let came = async {
        let bus = zbus::fdo::DBusProxy::new(session().await?).await?;
        let mut comings = bus.receive_name_owner_changed_with_args(&[(0, WATCHER)]).await?;
        while !bus.name_has_owner(WATCHER.try_into()?).await? && comings.next().await.is_some() {}
        Ok::<_, zbus::Error>(())
    };
    matches!(tokio::time::timeout(TRAY_COMES, came).await, Ok(Ok(())))
}

/// Where there is a session bus, a second start brings the window of the first one back.
pub async fn way_back() -> WayBack {
    if session().await.is_ok() { WayBack::StartAgain } else { WayBack::None }
}

/// Shows a notification, and waits beside everything else for a click on it.
pub fn notify(app: &AppHandle, notice: Notice) {
    let app = app.clone();
    tauri::async_runtime::spawn(async move {
        match clicked(&notice).await {
            Ok(true) => notice::clicked(&app, &notice),
            Ok(false) => (),
            Err(error) => tracing::warn!("the notification “{}” was not shown: {error}", notice.title),
        }
    });
}

/// The Desktop Notifications Specification, the part that is used here.
#[zbus::proxy(
    interface = "org.freedesktop.Notifications",
    default_service = "org.freedesktop.Notifications",
    default_path = "/org/freedesktop/Notifications",
    gen_blocking = false
)]
trait Notifications {
    fn get_capabilities(&self) -> zbus::Result<Vec<String>>;

    #[allow(clippy::too_many_arguments, reason = "so it is specified")]
    fn notify(
        &self,
        app_name: &str,
        replaces_id: u32,
        app_icon: &str,
        summary: &str,
        body: &str,
        actions: &[&str],
        hints: HashMap<&str, Value<'_>>,
        expire_timeout: i32,
    ) -> zbus::Result<u32>;

    #[zbus(signal)]
    fn action_invoked(&self, id: u32, action_key: String) -> zbus::Result<()>;

    #[zbus(signal)]
    fn notification_closed(&self, id: u32, reason: u32) -> zbus::Result<()>;
}

/// Shows the notice until it is clicked (true) or closed (false).
async fn clicked(notice: &Notice) -> zbus::Result<bool> {
    let notifications = NotificationsProxy::new(session().await?).await?;
    let mut clicks = notifications.receive_action_invoked().await?;
    let mut closings = notifications.receive_notification_closed().await?;
    let reads_markup = notifications.get_capabilities().await?.iter().any(|word| word == "body-markup");
    let body = if reads_markup { without_markup(&notice.body) } else { notice.body.clone() };
    let hints = HashMap::from([("desktop-entry", Value::from("Postrider")), ("category", Value::from("email"))]);
    let actions = ["default", "Open"];
    let shown =
        notifications.notify("Postrider", 0, "postrider-desktop", &notice.title, &body, &actions, hints, -1).await?;
    loop {
        tokio::select! {
            Some(click) = clicks.next() => {
                if click.args()?.id == shown {
                    return Ok(true);
                }
            }
            Some(closing) = closings.next() => {
                if closing.args()?.id == shown {
                    return Ok(false);
                }
            }
            else => return Ok(false),
        }
    }
}

/// Strangers write subjects; none of them is markup here.
fn without_markup(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// The one connection to the session bus.
async fn session() -> zbus::Result<&'static zbus::Connection> {
    static SESSION: OnceCell<zbus::Connection> = OnceCell::const_new();
    SESSION.get_or_try_init(zbus::Connection::session).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_is_never_markup() {
        assert_eq!(without_markup("<a href='x'>R&D</a>"), "&lt;a href='x'&gt;R&amp;D&lt;/a&gt;");
    }
}
