//! Mail, handed to a server by SMTP (RFC 5321), in the clear only where nothing else is offered and no password is sent.

use std::net::IpAddr;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use magma_rpc::tls::ClientTls;
use magma_rpc::tls_stream::{self, ByteStream};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use wire_rest::types::EmailReceiver;

use crate::deliver::{Undelivered, final_reason, temporary};

/// Implicit TLS (RFC 8314).
const TLS_PORT: u16 = 465;
const PORT: u16 = 25;
/// How long a whole delivery may take.
const LIMIT: Duration = Duration::from_secs(30);
/// More than any answer has.
const ANSWER_BYTES_MAX: usize = 16 << 10;

/// Host and port of a server.
pub(crate) fn smarthost(text: &str) -> Result<(String, u16), String> {
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port)) => {
            (host, port.parse().map_err(|_| format!("smarthost {text:?} must be host:port"))?)
        }
        None => (text, PORT),
    };
    let is_host = !host.is_empty()
        && host.chars().all(|letter| letter.is_ascii_alphanumeric() || ".-:[]".contains(letter));
    if is_host { Ok((host.to_owned(), port)) } else { Err(format!("smarthost {text:?} must be host:port")) }
}

/// The addresses of a list with commas, which hold nothing that would be a command of the protocol.
pub(crate) fn addresses(text: &str) -> Result<Vec<String>, String> {
    let wrong = |address: &str| format!("{address:?} is no e-mail address");
    let addresses = text.split(',').map(|address| {
        let address = address.trim();
        let bare = match (address.rfind('<'), address.strip_suffix('>')) {
            (Some(start), Some(rest)) => &rest[start + 1..],
            _ => address,
        };
        let is_plain =
            bare.chars().all(|letter| letter.is_ascii_graphic() && !"<>\\\"(),;:".contains(letter));
        let has_host = bare.split_once('@').is_some_and(|(user, host)| !user.is_empty() && !host.is_empty());
        if is_plain && has_host && !text.contains(['\r', '\n']) {
            Ok(bare.to_owned())
        } else {
            Err(wrong(address))
        }
    });
    addresses.collect()
}

/// Sends a mail to the server at the first of its addresses that answers.
///
/// # Errors
/// What went wrong, without secrets.
pub(crate) async fn send(
    to: &EmailReceiver,
    addresses: &[IpAddr],
    subject: &str,
    text: &str,
    tls: &ClientTls,
) -> Result<(), Undelivered> {
    let (host, port) = smarthost(&to.smarthost).map_err(final_reason)?;
    let mut server = Server { host, port, is_tls_first: port == TLS_PORT, tls };
    server.host = server.host.trim_start_matches('[').trim_end_matches(']').to_owned();
    timeout(LIMIT, server.send(to, addresses, subject, text)).await.unwrap_or_else(|_| {
        Err(temporary(format!("{} did not take the mail within {} s", to.smarthost, LIMIT.as_secs())))
    })
}

/// Who mail is handed to.
pub(crate) struct Server<'a> {
    pub(crate) host: String,
    pub(crate) port: u16,
    /// TLS before anything is said (RFC 8314), not by STARTTLS.
    pub(crate) is_tls_first: bool,
    pub(crate) tls: &'a ClientTls,
}

impl Server<'_> {
    pub(crate) async fn send(
        &self,
        to: &EmailReceiver,
        addresses: &[IpAddr],
        subject: &str,
        text: &str,
    ) -> Result<(), Undelivered> {
        let mut problem = temporary(format!("{} has no address", self.host));
        for address in addresses {
            match TcpStream::connect((*address, self.port)).await {
                Ok(tcp) => return self.send_over(tcp, to, subject, text).await,
                Err(error) => problem = self.told(&error),
            }
        }
        Err(problem)
    }

    fn told(&self, error: &dyn std::fmt::Display) -> Undelivered {
        temporary(format!("{}:{}: {error}", self.host, self.port))
    }

    async fn send_over(
        &self,
        tcp: TcpStream,
        to: &EmailReceiver,
        subject: &str,
        text: &str,
    ) -> Result<(), Undelivered> {
        let hello = to.hello.as_deref().filter(|hello| !hello.is_empty()).unwrap_or("orc8r.local");
        let hello = hello.replace(['\r', '\n'], "");
        let secured = |error| self.told(&error);
        if self.is_tls_first {
            let stream = tls_stream::over(tcp, &self.host, self.port, self.tls).await.map_err(secured)?;
            let mut session = Session { stream: Box::new(stream) };
            session.answer(220).await?;
            let offers = session.hello(&hello).await?;
            return session.mail(to, subject, text, &offers, true).await;
        }
        let mut session = Session { stream: Box::new(tcp) };
        session.answer(220).await?;
        let offers = session.hello(&hello).await?;
        if !offers.contains("STARTTLS") {
            return session.mail(to, subject, text, &offers, false).await;
        }
        session.command("STARTTLS", 220).await?;
        let stream = tls_stream::over(session.stream, &self.host, self.port, self.tls);
        let mut session = Session { stream: Box::new(stream.await.map_err(secured)?) };
        let offers = session.hello(&hello).await?;
        session.mail(to, subject, text, &offers, true).await
    }
}

struct Session {
    stream: Box<dyn ByteStream>,
}

impl Session {
    async fn hello(&mut self, name: &str) -> Result<String, Undelivered> {
        Ok(self.command(&format!("EHLO {name}"), 250).await?.to_ascii_uppercase())
    }

    async fn mail(
        &mut self,
        to: &EmailReceiver,
        subject: &str,
        text: &str,
        offers: &str,
        is_secret: bool,
    ) -> Result<(), Undelivered> {
        if let Some(user) = to.auth_username.as_deref().filter(|user| !user.is_empty()) {
            if !is_secret {
                let reason = "the mail server offers no TLS: a password is not sent in the clear";
                return Err(final_reason(reason.to_owned()));
            }
            self.log_in(to, user, offers).await?;
        }
        let (from, to_all) =
            (addresses(&to.from).map_err(final_reason)?, addresses(&to.to).map_err(final_reason)?);
        let from = from.first().ok_or_else(|| final_reason("from is empty".to_owned()))?;
        self.command(&format!("MAIL FROM:<{from}>"), 250).await?;
        for address in &to_all {
            self.command(&format!("RCPT TO:<{address}>"), 250).await?;
        }
        self.command("DATA", 354).await?;
        self.command(&message(from, &to_all, subject, text), 250).await?;
        // It is taken: whether the farewell arrives does not matter.
        let _ = self.command("QUIT", 221).await;
        Ok(())
    }

    async fn log_in(&mut self, to: &EmailReceiver, user: &str, offers: &str) -> Result<(), Undelivered> {
        let password = to.auth_password.as_deref().unwrap_or_default();
        if offers.contains("PLAIN") {
            let identity = to.auth_identity.as_deref().unwrap_or_default();
            let secret = STANDARD.encode(format!("{identity}\0{user}\0{password}"));
            self.command(&format!("AUTH PLAIN {secret}"), 235).await?;
        } else {
            self.command("AUTH LOGIN", 334).await?;
            self.command(&STANDARD.encode(user), 334).await?;
            self.command(&STANDARD.encode(password), 235).await?;
        }
        Ok(())
    }

    /// Says something; the errors tell what was answered and not what was said, which may be a password.
    async fn command(&mut self, line: &str, want: u16) -> Result<String, Undelivered> {
        let sent = self.stream.write_all(format!("{line}\r\n").as_bytes()).await;
        sent.map_err(broken)?;
        self.stream.flush().await.map_err(broken)?;
        self.answer(want).await
    }

    async fn answer(&mut self, want: u16) -> Result<String, Undelivered> {
        let mut answer = Vec::new();
        loop {
            let text = String::from_utf8_lossy(&answer).into_owned();
            let last = text.lines().last().filter(|_| text.ends_with('\n'));
            if let Some(last) = last.filter(|last| last.as_bytes().get(3) != Some(&b'-')) {
                let is_wanted = last.get(..3).and_then(|code| code.parse::<u16>().ok()) == Some(want);
                let reason = || format!("the mail server answers: {}", last.trim());
                return match is_wanted {
                    true => Ok(text),
                    // What begins with 5 is said for good (RFC 5321 §4.2.1).
                    false if last.starts_with('5') => Err(final_reason(reason())),
                    false => Err(temporary(reason())),
                };
            }
            let mut piece = [0; 1024];
            let read = self.stream.read(&mut piece).await;
            match read.map_err(broken)? {
                0 => return Err(temporary("the mail server ended the connection".to_owned())),
                count => answer.extend_from_slice(&piece[..count]),
            }
            if answer.len() > ANSWER_BYTES_MAX {
                return Err(final_reason("the mail server says too much".to_owned()));
            }
        }
    }
}

fn broken(error: std::io::Error) -> Undelivered {
    temporary(format!("the mail server's connection broke: {error}"))
}

/// A mail in plain text. Its body is base64: no line of it can be a command.
fn message(from: &str, to: &[String], subject: &str, text: &str) -> String {
    let body = STANDARD.encode(text);
    let lines: Vec<&str> =
        body.as_bytes().chunks(76).filter_map(|line| std::str::from_utf8(line).ok()).collect();
    format!(
        "From: {from}\r\nTo: {}\r\nSubject: =?UTF-8?B?{}?=\r\nDate: {}\r\nMIME-Version: 1.0\r\n\
         Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n{}\r\n.",
        to.join(", "),
        STANDARD.encode(subject),
        date(),
        lines.join("\r\n"),
    )
}

fn date() -> String {
    let now = time::OffsetDateTime::now_utc();
    now.format(&time::format_description::well_known::Rfc2822).unwrap_or_default()
}
