//! Short messages: gateways ask for those of the phones that are attached to them, and tell what phones answer.

use magma_rpc::tonic::async_trait;
use magma_rpc::{Request, Response, Status};
use orc8r_sms::{Message, Report, Source, Text};
use orc8r_store::{Sending, Store};
use wire_lte::lte::sms_d_server::SmsD;
use wire_lte::lte::{
    GetMessagesRequest, GetMessagesResponse, ReportDeliveryRequest, ReportDeliveryResponse,
    SmoDownlinkUnitdata,
};

use crate::clock::Clock;
use crate::failure::store_failure;
use crate::principal::calling_gateway;
use crate::subscribers::subscriber_key;

/// Subscribers in one request: more than are attached to any access gateway.
const SUBSCRIBERS_MAX: usize = 20_000;

pub(crate) struct ShortMessageService {
    pub(crate) store: Store,
    pub(crate) clock: Clock,
}

#[async_trait]
impl SmsD for ShortMessageService {
    async fn get_messages(
        &self,
        request: Request<GetMessagesRequest>,
    ) -> Result<Response<GetMessagesResponse>, Status> {
        let gateway = calling_gateway(&request)?;
        let imsis = request.into_inner().imsis;
        if imsis.len() > SUBSCRIBERS_MAX {
            return Err(Status::invalid_argument(format!("ask for at most {SUBSCRIBERS_MAX} subscribers")));
        }
        let imsis = imsis.iter().map(|imsi| subscriber_key(imsi)).collect();
        let now = self.clock.unix_seconds();
        let sent = self.store.short_messages_to_send(&gateway.network, imsis, now).await;
        let messages = sent.map_err(store_failure)?.iter().flat_map(containers).collect();
        Ok(Response::new(GetMessagesResponse { messages }))
    }

    /// Deviation: what a phone says beside answers is passed over; Magma answers an error, which gateways only log.
    async fn report_delivery(
        &self,
        request: Request<ReportDeliveryRequest>,
    ) -> Result<Response<ReportDeliveryResponse>, Status> {
        let gateway = calling_gateway(&request)?;
        let done = || Ok(Response::new(ReportDeliveryResponse {}));
        let Some(report) = request.into_inner().report else { return done() };
        let decoded = Report::decode(&report.nas_message_container)
            .map_err(|malformed| Status::invalid_argument(malformed.to_string()))?;
        let (reference, refusal) = match decoded {
            Report::Taken { reference } => (reference, None),
            Report::Refused { reference, cause, code } => (reference, Some(format!("{cause} ({code})"))),
            Report::Nothing => return done(),
            Report::Message => {
                return Err(Status::unimplemented("this orchestrator takes no short messages from phones"));
            }
        };
        let imsi = subscriber_key(&report.imsi);
        let kept = self.store.report_short_message(&gateway.network, &imsi, reference, refusal).await;
        kept.map_err(store_failure)?;
        done()
    }
}

/// The parts of a message that the phone has not got. One that no phone could take (an earlier release let it in) is
/// left out, and the others go their way.
fn containers(sending: &Sending) -> Vec<SmoDownlinkUnitdata> {
    let message = &sending.message;
    let (Ok(source), Ok(text)) = (Source::parse(&message.message.source), Text::new(&message.message.text))
    else {
        tracing::warn!(number = message.number, "a short message cannot be encoded: delete it");
        return Vec::new();
    };
    let references: Vec<u8> = sending.references.iter().map(|(reference, _)| *reference).collect();
    let encoded = Message { source, text, time: message.created_at }.encode(&references);
    let wanted = encoded.into_iter().zip(&sending.references).filter(|(_, (_, is_taken))| !is_taken);
    let container = |nas_message_container| SmoDownlinkUnitdata {
        imsi: message.message.imsi.clone(),
        nas_message_container,
    };
    wanted.map(|(octets, _)| container(octets)).collect()
}
