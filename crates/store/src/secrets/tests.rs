use super::*;
use keyring_core::{CredentialStore, mock};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

async fn keeps_and_forgets(secrets: &Secrets) {
    let key = imap_key(&"anna@example.org".parse().unwrap());
    assert_eq!(secrets.get(&key).await.unwrap(), None);
    secrets.delete(&key).await.unwrap();
    secrets.set(&key, &Secret::new("one")).await.unwrap();
    secrets.set(&key, &Secret::new("zwölf \" and\nmore")).await.unwrap();
    assert_eq!(secrets.get(&key).await.unwrap().unwrap().expose(), "zwölf \" and\nmore");
    assert_eq!(secrets.get(&smart_host_key("relay")).await.unwrap(), None);
    secrets.delete(&key).await.unwrap();
    assert_eq!(secrets.get(&key).await.unwrap(), None);
}

#[tokio::test]
async fn every_place_keeps_what_it_is_given_and_forgets_what_it_should() {
    let home = tempfile::tempdir().unwrap();
    keeps_and_forgets(&Secrets::in_memory()).await;
    keeps_and_forgets(&Secrets::open(SecretsKind::File, home.path()).await.unwrap()).await;
    keeps_and_forgets(&Secrets::at(keyring::Keyring::new(home.path(), shared_mock))).await;
}

/// The keyring of one system, whoever connects to it.
fn shared_mock() -> keyring_core::Result<Arc<CredentialStore>> {
    static STORE: OnceLock<Arc<mock::Store>> = OnceLock::new();
    Ok(Arc::clone(STORE.get_or_init(|| mock::Store::new().unwrap())) as Arc<CredentialStore>)
}

#[tokio::test]
async fn a_file_of_secrets_survives_a_restart_and_is_the_owners_alone() {
    let home = tempfile::tempdir().unwrap();
    let secrets = Secrets::open(SecretsKind::File, home.path()).await.unwrap();
    secrets.set("imap/a@b.test", &Secret::new("pw")).await.unwrap();
    let again = Secrets::open(SecretsKind::File, home.path()).await.unwrap();
    assert_eq!(again.get("imap/a@b.test").await.unwrap(), Some(Secret::new("pw")));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&home.path().join("secrets.json")), 0o600);
        assert_eq!(mode(home.path()), 0o700);
    }
}

static STARTED: AtomicBool = AtomicBool::new(false);

fn connect_once_started() -> keyring_core::Result<Arc<CredentialStore>> {
    if STARTED.load(Ordering::SeqCst) {
        return shared_mock();
    }
    Err(keyring_core::Error::PlatformFailure("no session bus".into()))
}

#[tokio::test]
async fn a_keyring_that_starts_later_is_found_at_the_next_call() {
    let home = tempfile::tempdir().unwrap();
    let secrets = Secrets::at(keyring::Keyring::new(home.path(), connect_once_started));
    let error = secrets.set("smtp/relay", &Secret::new("pw")).await.unwrap_err();
    assert!(matches!(error, SecretsError::NoKeyring(_)), "{error}");
    assert!(error.hint().contains("secrets.store file"));
    STARTED.store(true, Ordering::SeqCst);
    secrets.set("smtp/relay", &Secret::new("pw")).await.unwrap();
    assert_eq!(secrets.get("smtp/relay").await.unwrap(), Some(Secret::new("pw")));
}

#[tokio::test]
async fn each_home_directory_has_its_own_passwords() {
    let homes = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let [one, two] = homes.each_ref().map(|home| Secrets::at(keyring::Keyring::new(home.path(), shared_mock)));
    one.set("imap/you@practice.test", &Secret::new("first")).await.unwrap();
    two.set("imap/you@practice.test", &Secret::new("second")).await.unwrap();
    assert_eq!(one.get("imap/you@practice.test").await.unwrap(), Some(Secret::new("first")));
}

/// The real thing, on a session bus of its own. Only where a desktop's packages are installed.
#[cfg(target_os = "linux")]
#[test]
fn the_secret_service_of_the_session_keeps_a_password() {
    let test = std::env::current_exe().unwrap();
    let home = tempfile::tempdir().unwrap();
    let script = "printf 'pw\\n' | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1 || exit 77
                  exec \"$0\" --exact secrets::tests::on_a_session_bus --ignored";
    let run = std::process::Command::new("dbus-run-session")
        .args(["--", "sh", "-c", script])
        .arg(test)
        .env("XDG_DATA_HOME", home.path())
        .env("XDG_RUNTIME_DIR", home.path())
        .env("HOME", home.path())
        .output();
    match run {
        Ok(output) if output.status.code() == Some(77) => eprintln!("left out: gnome-keyring-daemon is not here"),
        Ok(output) => assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout)),
        Err(_) => eprintln!("left out: dbus-run-session is not here"),
    }
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
#[ignore = "run by the test above, on a session bus"]
async fn on_a_session_bus() {
    let home = tempfile::tempdir().unwrap();
    let secrets = Secrets::open(SecretsKind::Keyring, home.path()).await.unwrap();
    keeps_and_forgets(&secrets).await;
}
