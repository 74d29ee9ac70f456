//! `postrider practice`: the practice post office, for trying things out from other shells.

use crate::output::Output;
use model::CallError;
use practice::{Info, Options, PostOffice};

pub async fn run(output: &Output) -> Result<(), CallError> {
    engine::prepare_process();
    let office = PostOffice::start(Options::default())
        .await
        .map_err(|error| CallError::new("practice", error.to_string(), ""))?;
    output.line(office.info(), || description(office.info()))?;
    until_interrupted().await;
    office.stop().await;
    Ok(())
}

fn description(info: &Info) -> String {
    format!(
        "The practice post office is open until you press Ctrl+C.\n\
         \n\
         address     {}\n\
         user        {}\n\
         password    {}\n\
         IMAP        {}\n\
         submission  {}\n\
         DNS         {}\n\
         SMTP port   {}\n\
         CA          {}\n\
         \n\
         In another shell, with a home directory of its own:\n\
         \n\
         export POSTRIDER_HOME=$(mktemp -d)\n\
         postrider config set net.dns {}\n\
         postrider config set net.smtp_port {}\n\
         postrider config set net.extra_ca {}\n\
         postrider config set secrets.store file\n\
         echo {} | postrider account add {} --imap {} --smtp {} --password-stdin\n\
         postrider sync\n\
         echo Hello | postrider send --to anna@prompt.test --subject Hello --route direct",
        info.address,
        info.user,
        info.password,
        info.imap,
        info.submission,
        info.dns,
        info.smtp_port,
        info.ca.display(),
        info.dns,
        info.smtp_port,
        info.ca.display(),
        info.password,
        info.address,
        info.imap,
        info.submission,
    )
}

/// Ctrl+C, or the signal with which a program is asked to end.
pub async fn until_interrupted() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut end) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = end.recv() => {}
            }
            return;
        }
    }
    let _ = tokio::signal::ctrl_c().await;
}
