//! Many clients in one process: their own identities over one setup of TLS, and addresses to come from.

use crate::fixture::Authority;
use magma_rpc::channel::{Connection, Endpoint, Manner, Transport};
use magma_rpc::server::{PeerAddress, PeerCertificate, Router, serve_tls};
use magma_rpc::tls::{ClientAuth, ClientTls, ServerTls};
use magma_rpc::{Failure, Request, Response, Status, tonic};
use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use wire_orc8r::orc8r::event_service_client::EventServiceClient;
use wire_orc8r::orc8r::event_service_server::{EventService, EventServiceServer};
use wire_orc8r::orc8r::{Event, Void};

const NAME: &str = "controller.magma.test";

/// Writes down who called.
#[derive(Default)]
struct Guests(Mutex<Vec<(IpAddr, Vec<u8>)>>);

#[tonic::async_trait]
impl EventService for Guests {
    async fn log_event(&self, request: Request<Event>) -> Result<Response<Void>, Status> {
        let PeerAddress(address) = *request.extensions().get().unwrap();
        let PeerCertificate(der) = request.extensions().get().unwrap();
        self.0.lock().unwrap().push((address.ip(), der.to_vec()));
        Ok(Response::new(Void {}))
    }
}

#[tokio::test]
async fn clients_that_share_their_setup_are_told_apart() {
    let (root, certifier) = (Authority::new("root"), Authority::new("certifier"));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let guests = Arc::new(Guests::default());
    let services = Router::new().add(EventServiceServer::from_arc(guests.clone()));
    let clients = certifier.trust();
    let tls = ServerTls::new(&root.server(&[NAME]), ClientAuth::Required(&clients)).unwrap();
    let (stop, stopped) = oneshot::channel();
    let serving = tokio::spawn(serve_tls(listener, tls, services, stopped));
    let slow = ClientTls::new(&root.trust(), None).unwrap();
    let nobody = ClientTls::of_many(&root.trust()).unwrap();
    let client = |name: &str, source: Option<IpAddr>| {
        let shared = if source.is_some() { &nobody } else { &slow };
        let tls = shared.with_identity(&certifier.client(name));
        let (host, server_name) = ("127.0.0.1".to_owned(), NAME.to_owned());
        let endpoint = Endpoint { host, port, server_name, transport: Transport::Tls(tls) };
        Connection::with(endpoint, Manner { source, ..Manner::default() })
    };
    let other: IpAddr = Ipv4Addr::new(127, 0, 0, 2).into();
    for connection in [client("one", None), client("two", Some(other))] {
        EventServiceClient::new(connection.channel(NAME)).log_event(Event::default()).await.unwrap();
    }
    let seen = guests.0.lock().unwrap().clone();
    assert_eq!([seen[0].0, seen[1].0], [Ipv4Addr::LOCALHOST.into(), other]);
    let names = |der: &[u8], name: &[u8]| der.windows(name.len()).any(|part| part == name);
    assert!(names(&seen[0].1, b"one") && !names(&seen[0].1, b"two") && names(&seen[1].1, b"two"));
    // An address of documentation is no machine's own.
    let strange = client("three", Some(Ipv4Addr::new(192, 0, 2, 1).into()));
    let refused = strange.channel(NAME).ready().await.unwrap_err();
    assert!(matches!(&refused, Failure::Connect { reason, .. } if reason.contains("192.0.2.1")), "{refused}");
    stop.send(()).unwrap();
    serving.await.unwrap();
}
