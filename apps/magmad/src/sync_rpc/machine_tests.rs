//! The SyncRPC session's decisions, in virtual time.

use super::*;

struct Bench {
    machine: Machine,
    now: Instant,
}

impl Bench {
    /// A session whose first heartbeat has been sent.
    fn new() -> Self {
        Self::with(Limits::default())
    }

    fn with(limits: Limits) -> Self {
        let now = Instant::now();
        let mut bench = Self { machine: Machine::new(now, limits), now };
        assert_eq!(bench.take(), ["heartbeat"], "the first heartbeat is sent at once");
        bench
    }

    fn cloud(&mut self, message: SyncRpcRequest) {
        self.machine.handle(self.now, Input::FromCloud(message));
    }

    /// A request from the cloud that was passed on.
    fn request(&mut self, req_id: u32) -> Call {
        self.cloud(request(req_id));
        match self.machine.poll_action() {
            Some(Action::Start(call, body)) => {
                assert_eq!((call.req_id, body.authority.as_str()), (req_id, "magmad"));
                call
            }
            other => panic!("not started: {other:?}"),
        }
    }

    fn local(&mut self, call: Call, event: LocalEvent) {
        self.machine.handle(self.now, Input::FromLocal(call, event));
    }

    /// Runs the clock for `seconds`, with the cloud's own heartbeats, and returns what was sent with its second.
    fn run(&mut self, seconds: u64) -> Vec<(u64, String)> {
        let start = self.now;
        let end = self.now + Duration::from_secs(seconds);
        let mut sent = Vec::new();
        while self.machine.next_timeout() <= end {
            self.now = self.machine.next_timeout();
            self.machine.handle(self.now, Input::Timeout);
            self.cloud(SyncRpcRequest { heart_beat: true, ..Default::default() });
            let second = self.now.duration_since(start).as_secs();
            sent.extend(self.take().into_iter().map(|what| (second, what)));
        }
        self.now = end;
        sent
    }

    /// What is to be done, in words.
    fn take(&mut self) -> Vec<String> {
        std::iter::from_fn(|| self.machine.poll_action()).map(|action| describe(&action)).collect()
    }
}

fn describe(action: &Action) -> String {
    match action {
        Action::Start(call, _) => format!("start {}", call.req_id),
        Action::Cancel(call) => format!("cancel {}", call.req_id),
        Action::Close(why) => format!("close: {why}"),
        Action::Send(message) if message.heart_beat => "heartbeat".to_owned(),
        Action::Send(message) => {
            let body = message.resp_body.clone().unwrap_or_default();
            let what = if body.keep_conn_active {
                "keep".to_owned()
            } else if body.err.is_empty() {
                let payload = String::from_utf8_lossy(&body.payload).into_owned();
                let headers: Vec<String> = body.headers.iter().map(|(k, v)| format!("{k}={v}")).collect();
                format!("{} {payload:?} {}", body.status, headers.join(" "))
            } else {
                format!("error: {}", body.err)
            };
            format!("{}: {what}", message.req_id)
        }
    }
}

fn request(req_id: u32) -> SyncRpcRequest {
    let body = GatewayRequest {
        authority: "magmad".into(),
        path: "/magma.orc8r.Magmad/GetGatewayId".into(),
        ..Default::default()
    };
    SyncRpcRequest { req_id, req_body: Some(body), ..Default::default() }
}

fn headers(rows: &[(&str, &str)]) -> BTreeMap<String, String> {
    rows.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn head() -> LocalEvent {
    LocalEvent::Head { status: 200, headers: headers(&[("content-type", "application/grpc")]) }
}

fn data(text: &str) -> LocalEvent {
    LocalEvent::Data(text.into())
}

fn trailers() -> LocalEvent {
    LocalEvent::Trailers(headers(&[("grpc-status", "0")]))
}

#[test]
fn a_local_answer_becomes_messages_of_which_the_last_has_the_status() {
    let ok = "content-type=application/grpc grpc-status=0";
    let rows: [(&str, Vec<LocalEvent>, Vec<String>); 7] = [
        ("unary", vec![head(), data("a"), trailers()], vec![format!("1: 200 \"a\" {ok}")]),
        (
            "a stream",
            vec![head(), data("a"), data("b"), trailers()],
            vec!["1: 200 \"a\" content-type=application/grpc".into(), format!("1: 200 \"b\" {ok}")],
        ),
        ("no message", vec![head(), trailers()], vec![format!("1: 200 \"\" {ok}")]),
        (
            "an error without body",
            vec![
                LocalEvent::Head {
                    status: 200,
                    headers: headers(&[("grpc-status", "5"), ("grpc-message", "no, never")]),
                },
                LocalEvent::Ended,
            ],
            vec!["1: 200 \"\" grpc-message=no%2C never grpc-status=5".into()],
        ),
        (
            "no status at all",
            vec![head(), data("a"), LocalEvent::Ended],
            vec!["1: error: the answer of magmad ended without a gRPC status".into()],
        ),
        (
            "not gRPC",
            vec![LocalEvent::Head { status: 404, headers: BTreeMap::new() }],
            vec!["cancel 1".into(), "1: error: magmad answered HTTP status 404, not gRPC".into()],
        ),
        (
            "refused",
            vec![LocalEvent::Failed("connection refused".into())],
            vec!["1: error: connection refused".into()],
        ),
    ];
    for (name, events, expected) in rows {
        let mut bench = Bench::new();
        let call = bench.request(1);
        for event in events {
            bench.local(call, event);
        }
        assert_eq!(bench.take(), expected, "{name}");
        assert_eq!(bench.machine.in_flight(), 0, "{name}");
        bench.local(call, data("late"));
        assert_eq!(bench.take(), [] as [&str; 0], "{name}: nothing follows");
    }
}

#[test]
fn every_error_has_words() {
    let mut bench = Bench::new();
    let call = bench.request(1);
    bench.local(call, LocalEvent::Failed(String::new()));
    assert_eq!(bench.take(), ["1: error: the request failed"]);
}

#[test]
fn a_request_that_cannot_be_started_is_answered() {
    let mut bench = Bench::with(Limits { requests: 2, ..Limits::default() });
    bench.request(1);
    bench.cloud(request(1));
    assert_eq!(bench.take(), ["1: error: request ID 1 is already being handled"]);
    bench.cloud(SyncRpcRequest { req_id: 2, ..Default::default() });
    assert_eq!(bench.take(), ["2: error: the request has no body"]);
    bench.request(3);
    bench.cloud(request(4));
    assert_eq!(bench.take(), ["4: error: the gateway already serves 2 requests; try again later"]);
    assert_eq!(bench.machine.in_flight(), 2, "the first ones go on");
}

#[test]
fn a_denied_request_is_answered_with_its_code() {
    let mut bench = Bench::new();
    let call = bench.request(1);
    bench.local(call, LocalEvent::Denied("not you, 100 %".to_owned()));
    let expected = "1: 200 \"\" content-type=application/grpc grpc-message=not you%2C 100 %25 grpc-status=7";
    assert_eq!(bench.take(), [expected]);
    assert_eq!(bench.machine.in_flight(), 0);
}

#[test]
fn requests_that_are_too_large_are_answered_and_cost_nothing() {
    let with = |change: fn(&mut GatewayRequest)| {
        let mut message = request(2);
        change(message.req_body.as_mut().expect("a body"));
        message
    };
    let rows: [(&str, SyncRpcRequest, &str); 4] = [
        (
            "many headers",
            with(|body| body.headers = (0..200).map(|n| (n.to_string(), String::new())).collect()),
            "headers",
        ),
        ("long headers", with(|body| drop(body.headers.insert("a".into(), "x".repeat(70_000)))), "headers"),
        ("a long path", with(|body| body.path = "/".repeat(3000)), "path"),
        ("too much together", with(|body| body.payload = vec![0; 600]), "serves requests of 600 bytes"),
    ];
    for (name, message, words) in rows {
        let mut bench = Bench::with(Limits { request_bytes: 1000, ..Limits::default() });
        let mut first = request(1);
        first.req_body.as_mut().expect("a body").payload = vec![0; 600];
        bench.cloud(first);
        assert_eq!(bench.take(), ["start 1"]);
        bench.cloud(message);
        let said = bench.take().join(" ");
        assert!(said.starts_with("2: error: ") && said.contains(words), "{name}: {said}");
        assert_eq!(bench.machine.in_flight(), 1, "{name}");
    }
}

#[test]
fn a_closed_request_is_cancelled_and_its_answer_suppressed() {
    let mut bench = Bench::new();
    let old = bench.request(7);
    bench.cloud(SyncRpcRequest { req_id: 7, conn_closed: true, ..Default::default() });
    assert_eq!(bench.take(), ["cancel 7"]);
    bench.local(old, data("late"));
    assert_eq!(bench.take(), [] as [&str; 0]);
    let new = bench.request(7);
    bench.local(old, trailers());
    assert_eq!(
        bench.take(),
        [] as [&str; 0],
        "the old answer is not taken for that of a new request of the same id"
    );
    bench.local(new, LocalEvent::Failed("x".into()));
    assert_eq!(bench.take(), ["7: error: x"]);
    bench.cloud(SyncRpcRequest { req_id: 7, conn_closed: true, ..Default::default() });
    assert_eq!(bench.take(), [] as [&str; 0], "closing what has ended is the usual case");
}

#[test]
fn heartbeats_follow_idleness_and_come_once_a_minute_in_any_case() {
    let mut bench = Bench::new();
    let seconds: Vec<u64> = bench.run(100).into_iter().map(|(second, _)| second).collect();
    assert_eq!(seconds, [30, 60, 90]);

    let mut bench = Bench::new();
    let call = bench.request(1);
    bench.local(call, head());
    let mut heartbeats = Vec::new();
    for second in (0..140).step_by(5) {
        bench.local(call, data("line"));
        let sent = bench.run(5);
        heartbeats
            .extend(sent.into_iter().filter(|(_, what)| what == "heartbeat").map(|(at, _)| second + at));
    }
    assert_eq!(heartbeats, [60, 120], "a busy stream has heartbeats too");
}

#[test]
fn a_request_is_kept_alive_from_its_start_until_the_local_service_is_given_up() {
    let mut bench = Bench::new();
    bench.request(1);
    let sent = bench.run(130);
    let keeps: Vec<u64> = sent.iter().filter(|(_, what)| what == "1: keep").map(|(at, _)| *at).collect();
    assert_eq!(keeps, (10..120).step_by(10).collect::<Vec<_>>());
    let last: Vec<&str> = sent.iter().filter(|(at, _)| *at == 120).map(|(_, what)| what.as_str()).collect();
    assert_eq!(last, ["cancel 1", "1: error: magmad did not answer within 120 s", "heartbeat"]);
}

#[test]
fn a_line_of_a_stream_is_not_held_until_the_next_one() {
    let mut bench = Bench::new();
    let call = bench.request(1);
    bench.local(call, head());
    bench.local(call, data("line"));
    assert_eq!(bench.take(), [] as [&str; 0], "held: trailers may follow at once");
    assert_eq!(bench.run(1), [(0, "1: 200 \"line\" content-type=application/grpc".to_owned())]);
    bench.local(call, trailers());
    assert_eq!(bench.take(), ["1: 200 \"\" content-type=application/grpc grpc-status=0"]);
}

#[test]
fn a_silent_cloud_ends_the_session() {
    let mut bench = Bench::new();
    bench.request(1);
    let mut actions = Vec::new();
    while bench.machine.in_flight() > 0 || !actions.iter().any(|what: &String| what.starts_with("close")) {
        bench.now = bench.machine.next_timeout();
        bench.machine.handle(bench.now, Input::Timeout);
        actions.extend(bench.take());
    }
    assert_eq!(actions.last().map(String::as_str), Some("close: the cloud was silent for 180 s"));
    bench.cloud(request(2));
    assert_eq!(bench.take(), [] as [&str; 0], "nothing happens after the end");
}

#[test]
fn a_request_with_the_id_0_is_answered_and_an_empty_message_is_not() {
    let mut bench = Bench::new();
    bench.cloud(SyncRpcRequest::default());
    assert!(bench.take().is_empty());
    let call = bench.request(0);
    bench.local(call, LocalEvent::Failed("there is no service".to_owned()));
    assert_eq!(bench.take(), ["0: error: there is no service"]);
    assert_eq!(bench.machine.in_flight(), 0);
}
