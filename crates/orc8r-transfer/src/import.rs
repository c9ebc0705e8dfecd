//! Brings a snapshot into an Orchestrator: what is missing is made, what is different is changed, nothing is deleted.
//!
//! The Orchestrator is read first, and again at the end, so that an import that was broken off goes on where it stopped,
//! a second one does nothing, and what was taken but not kept is found.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::body;
use crate::object::{Object, Snapshot};
use crate::orchestrator::{Orchestrator, Trouble};
use crate::reading::{Addresses, Extent, read_with_addresses};
use crate::report::{Outcome, Report};
use crate::resources::{Listing, OPEN, RESOURCES, Resource, Write};
use crate::{Keys, Unread};

/// How many objects of a [`Write::Batch`] are sent at once.
const BATCH: usize = 200;

/// Whether anything is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    /// It is.
    Write,
    /// The report says what would be done. What breaks a rule of the contract is found, and what refers to something that
    /// neither side has is not.
    DryRun,
}

/// Brings `snapshot` into `target`.
///
/// # Errors
/// [`Trouble`] when the target cannot be read. What goes wrong later is in the report.
pub async fn import(
    target: &mut Orchestrator,
    snapshot: Snapshot,
    manner: Manner,
    progress: &mut dyn FnMut(&str),
) -> Result<Report, Trouble> {
    let Snapshot { objects, unread, remarks, .. } = snapshot;
    let networks = networks_of(&objects);
    let extent = Extent { keys: Keys::Included, networks: Some(&networks) };
    let (present, addresses) = read_with_addresses(target, extent, progress).await?;
    let mut report = Report { dry_run: manner == Manner::DryRun, unread, remarks, ..Report::default() };
    let (rows, unknown) = sorted_by_resource(objects, &mut report);
    report.remark_on_members(unknown);
    let mut import =
        Import { target, manner, present: Present::of(present), addresses, report, lost: BTreeSet::new() };
    let mut wanted = Vec::new();
    for (resource, objects) in rows {
        progress(&format!("{} ({})", resource.noun, objects.len()));
        if let Err(trouble) = import.resource(resource, &objects).await {
            import.report.broken_off = Some(trouble.to_string());
            return Ok(import.report);
        }
        wanted.extend(objects);
    }
    if manner == Manner::Write {
        import.verify(wanted, &networks, progress).await;
    }
    Ok(import.report)
}

/// The networks that paths name.
fn networks_of(objects: &[Object]) -> BTreeSet<String> {
    let segment = |object: &Object| match object.path.split('/').nth(2) {
        Some(id) if !object.path.starts_with("/channels/") && !object.path.starts_with("/tenants/") => {
            Some(id.to_owned())
        }
        _ => None,
    };
    objects.iter().filter_map(segment).collect()
}

type Rows = Vec<(&'static Resource, Vec<Object>)>;
type Unknown = BTreeMap<(&'static str, String), usize>;

/// The objects by the rows of the table, in its order, without the members that the contract does not have, and these.
/// What belongs to no row is refused.
fn sorted_by_resource(objects: Vec<Object>, report: &mut Report) -> (Rows, Unknown) {
    let mut rows: Rows = RESOURCES.iter().map(|row| (row, Vec::new())).collect();
    let mut unknown = BTreeMap::new();
    for mut object in objects {
        let Some(index) = row_of(&object.path) else {
            let reason = "this orc8r knows nothing at such a path".to_owned();
            report.note("unknown", &object.path, Outcome::Refused(reason));
            continue;
        };
        let (row, of_row) = &mut rows[index];
        // Receivers are kept with whatever they have.
        if row.noun != OPEN {
            let mut value = object.value();
            let forgotten = body::forget_unknown(row.taken, &mut value);
            if !forgotten.is_empty() {
                object.body = value.to_string();
            }
            for member in forgotten {
                *unknown.entry((row.noun, member)).or_default() += 1;
            }
        }
        of_row.push(object);
    }
    rows.retain(|(_, objects)| !objects.is_empty());
    (rows, unknown)
}

/// The row of the table whose items have such paths; a word in the path goes before a placeholder.
fn row_of(path: &str) -> Option<usize> {
    let matches = |row: &Resource| {
        let (template, path) = (row.item.split('/'), path.split('/'));
        template.clone().count() == path.clone().count()
            && template.zip(path).all(|(template, segment)| {
                if template.starts_with('{') { !segment.is_empty() } else { template == segment }
            })
    };
    let rows = RESOURCES.iter().enumerate().filter(|(_, row)| matches(row));
    rows.min_by_key(|(_, row)| row.item.matches('{').count()).map(|(index, _)| index)
}

/// What the target has.
struct Present {
    bodies: BTreeMap<String, String>,
    unread: Vec<Unread>,
}

impl Present {
    fn of(snapshot: Snapshot) -> Self {
        let bodies = snapshot.objects.into_iter().map(|Object { path, body }| (path, body)).collect();
        Self { bodies, unread: snapshot.unread }
    }

    fn body(&self, path: &str) -> Option<Value> {
        serde_json::from_str(self.bodies.get(path)?).ok()
    }

    /// Why it is not known whether there is something at a path.
    fn blind(&self, path: &str) -> Option<String> {
        let unread = self.unread.iter().find(|unread| {
            let collection = unread.path.split('?').next().unwrap_or_default();
            path.starts_with(collection)
        })?;
        Some(format!("what is there cannot be read: {}: {}", unread.path, unread.reason))
    }
}

struct Import<'a> {
    target: &'a mut Orchestrator,
    manner: Manner,
    present: Present,
    addresses: Addresses,
    report: Report,
    /// Networks that were refused and are not there.
    lost: BTreeSet<String>,
}

/// What is to be done for one object.
enum Step {
    Nothing(Outcome),
    Create(Value),
    Change(Value, String),
}

impl Import<'_> {
    async fn resource(&mut self, resource: &'static Resource, objects: &[Object]) -> Result<(), Trouble> {
        let mut batch = Vec::new();
        for object in objects {
            match self.step(resource, object) {
                Step::Nothing(outcome) => self.note(resource, object, outcome),
                Step::Create(_) if self.manner == Manner::DryRun => {
                    self.report.note(resource.noun, &object.path, Outcome::Created);
                }
                Step::Change(_, member) if self.manner == Manner::DryRun => {
                    self.report.note(resource.noun, &object.path, Outcome::Changed(member));
                }
                Step::Create(body) if resource.write == Write::Batch => {
                    batch.push((object, body));
                    if batch.len() == BATCH {
                        self.create_all(resource, std::mem::take(&mut batch)).await?;
                    }
                }
                Step::Create(body) => self.create(resource, object, body).await?,
                Step::Change(body, member) => self.change(resource, object, body, member).await?,
            }
        }
        self.create_all(resource, batch).await
    }

    fn step(&self, resource: &Resource, object: &Object) -> Step {
        let refused = |reason: String| Step::Nothing(Outcome::Refused(reason));
        let wanted = object.value();
        if let Some(network) = self.lost_network(&object.path) {
            return refused(format!("its network {network} was refused"));
        }
        if let Some(present) = self.present.body(&object.path) {
            let Some(member) = body::difference(&wanted, &present) else {
                return Step::Nothing(Outcome::Unchanged);
            };
            let mut body = wanted;
            body::fill_secrets(&mut body, &present);
            // Before it is sent, it is given what is there then.
            body::fill_told_elsewhere(resource, &mut body, None);
            return match problem(resource, &body) {
                Some(problem) => refused(problem),
                None => Step::Change(body, member),
            };
        }
        if let Some(reason) = self.present.blind(&object.path) {
            return refused(reason);
        }
        if let Some(secret) = body::missing_secret(&wanted) {
            return refused(format!(
                "its {secret} was left out: export it with --with-keys (or it is not shown there, and must be given anew)"
            ));
        }
        let mut body = wanted;
        body::fill_told_elsewhere(resource, &mut body, None);
        match problem(resource, &body) {
            Some(problem) => refused(problem),
            None => Step::Create(body),
        }
    }

    fn lost_network<'a>(&self, path: &'a str) -> Option<&'a str> {
        path.split('/').nth(2).filter(|network| self.lost.contains(*network))
    }

    async fn create(
        &mut self,
        resource: &'static Resource,
        object: &Object,
        body: Value,
    ) -> Result<(), Trouble> {
        let (method, path) = match resource.write {
            Write::Put => ("PUT", object.path.clone()),
            Write::Post => ("POST", object.path.clone()),
            Write::PostPut | Write::Batch | Write::PostDelete => {
                ("POST", collection_of(resource, &object.path))
            }
        };
        let sent =
            if resource.write == Write::Batch { Value::Array(vec![body.clone()]) } else { body.clone() };
        let Err(trouble) = self.write(method, &path, &sent).await else {
            self.note(resource, object, Outcome::Created);
            return Ok(());
        };
        // What came with its network, as rules of alerts do, or was made by a call whose answer was lost.
        let there = self.present_now(resource, object).await;
        let outcome = match there.map(|there| body::difference(&object.value(), &there)) {
            Some(None) if trouble.is_fatal() => Outcome::Created,
            Some(None) => Outcome::Unchanged,
            Some(Some(member)) => return self.change(resource, object, body, member).await,
            None => Self::refusal(trouble)?,
        };
        self.note(resource, object, outcome);
        Ok(())
    }

    /// Makes a batch; one that is refused is made in halves, until what is wrong with it stands alone.
    async fn create_all(
        &mut self,
        resource: &'static Resource,
        batch: Vec<(&Object, Value)>,
    ) -> Result<(), Trouble> {
        let mut batches = vec![batch];
        while let Some(mut batch) = batches.pop() {
            if batch.len() < 2 {
                for (object, body) in batch {
                    self.create(resource, object, body).await?;
                }
                continue;
            }
            let path = collection_of(resource, &batch[0].0.path);
            // Batches are of one network.
            let other = batch.iter().position(|(object, _)| collection_of(resource, &object.path) != path);
            if let Some(other) = other {
                batches.push(batch.split_off(other));
                batches.push(batch);
                continue;
            }
            let bodies = Value::Array(batch.iter().map(|(_, body)| body.clone()).collect());
            match self.write("POST", &path, &bodies).await {
                Ok(()) => batch.iter().for_each(|(object, _)| {
                    self.report.note(resource.noun, &object.path, Outcome::Created);
                }),
                Err(Trouble::Refused { status, .. }) if status != 401 => {
                    let second = batch.split_off(batch.len() / 2);
                    batches.push(second);
                    batches.push(batch);
                }
                // Whether it was made is not known: each is looked at.
                Err(_) => batches.extend(batch.into_iter().map(|one| vec![one])),
            }
        }
        Ok(())
    }

    async fn change(
        &mut self,
        resource: &'static Resource,
        object: &Object,
        mut body: Value,
        member: String,
    ) -> Result<(), Trouble> {
        let path = self.addresses.get(&object.path).unwrap_or(&object.path).clone();
        if !resource.told_elsewhere.is_empty() {
            let present = self.target.get(&path).await;
            body::fill_told_elsewhere(resource, &mut body, present.ok().as_ref());
        }
        let written = match resource.write {
            Write::PostPut | Write::Batch | Write::Put => self.write("PUT", &path, &body).await,
            Write::Post => self.write("POST", &path, &body).await,
            Write::PostDelete => match self.write("DELETE", &path, &Value::Null).await {
                Ok(()) => self.write("POST", &collection_of(resource, &path), &body).await,
                refused => refused,
            },
        };
        let outcome = match written {
            Ok(()) => Outcome::Changed(member),
            Err(trouble) => Self::refusal(trouble)?,
        };
        self.note(resource, object, outcome);
        Ok(())
    }

    /// What a write that failed means; an Orchestrator that is gone ends the import.
    fn refusal(trouble: Trouble) -> Result<Outcome, Trouble> {
        if trouble.is_fatal() { Err(trouble) } else { Ok(Outcome::Refused(trouble.to_string())) }
    }

    /// Notes what became of an object. What lies in a network that is not there is not tried: some of it would be taken.
    fn note(&mut self, resource: &Resource, object: &Object, outcome: Outcome) {
        let network = object.path.split('/').nth(2).filter(|_| resource.listing == Listing::Networks);
        if let (Outcome::Refused(_), Some(network)) = (&outcome, network)
            && !self.present.bodies.contains_key(&object.path)
        {
            self.lost.insert(network.to_owned());
        }
        self.report.note(resource.noun, &object.path, outcome);
    }

    async fn write(&mut self, method: &str, path: &str, body: &Value) -> Result<(), Trouble> {
        let text = if body.is_null() { None } else { Some(body.to_string()) };
        self.target.call(method, path, text.as_deref()).await.map(drop)
    }

    /// What is there now, if something is.
    async fn present_now(&mut self, resource: &'static Resource, object: &Object) -> Option<Value> {
        let id = object.path.rsplit('/').next().unwrap_or_default();
        if resource.listing != Listing::Objects {
            return body::taken(resource, id, self.target.get(&object.path).await.ok()?);
        }
        let wanted = object.value();
        let listed = self.target.get(&collection_of(resource, &object.path)).await.ok()?;
        let found = listed.as_array()?.iter().find(|shown| shown.get(resource.id) == wanted.get(resource.id));
        body::taken(resource, id, found?.clone())
    }

    /// Reads the target again and tells what is not as it was sent.
    async fn verify(
        &mut self,
        wanted: Vec<Object>,
        networks: &BTreeSet<String>,
        progress: &mut dyn FnMut(&str),
    ) {
        let extent = Extent { keys: Keys::Included, networks: Some(networks) };
        let present = match read_with_addresses(self.target, extent, progress).await {
            Ok((snapshot, _)) => Present::of(snapshot),
            Err(trouble) => {
                self.report.broken_off = Some(format!("what was written cannot be read again: {trouble}"));
                return;
            }
        };
        let refused: BTreeSet<String> = self.report.refused.iter().map(|(path, _)| path.clone()).collect();
        for object in wanted.iter().filter(|object| !refused.contains(&object.path)) {
            match present.body(&object.path) {
                Some(body) => {
                    if let Some(member) = body::difference(&object.value(), &body) {
                        self.report.kept_otherwise.push((object.path.clone(), member));
                    }
                }
                None => self.report.kept_otherwise.push((object.path.clone(), "all of it".to_owned())),
            }
        }
    }
}

/// What the contract has against a body.
fn problem(resource: &Resource, body: &Value) -> Option<String> {
    let problems = wire_rest::problems(resource.taken, body);
    (!problems.is_empty()).then(|| problems.join("; "))
}

/// The path to which something with this path is posted.
fn collection_of(resource: &Resource, path: &str) -> String {
    let segments: Vec<&str> = path.split('/').collect();
    let template = resource.posted_to().split('/');
    let filled = template.enumerate().map(|(index, name)| {
        if name.starts_with('{') { segments.get(index).copied().unwrap_or_default() } else { name }
    });
    filled.collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_find_their_row() {
        for (path, expected) in [
            ("/channels/stable", Some("/channels/{channel_id}")),
            ("/lte/n1", Some("/lte/{network_id}")),
            ("/networks/n1", Some("/networks/{network_id}")),
            ("/networks/n1/sentry", Some("/networks/{network_id}/sentry")),
            ("/lte/n1/gateways/g1/vpn", Some("/lte/{network_id}/gateways/{gateway_id}/vpn")),
            (
                "/networks/n1/prometheus/alert_receiver/route",
                Some("/networks/{network_id}/prometheus/alert_receiver/route"),
            ),
            (
                "/networks/n1/prometheus/alert_receiver/other",
                Some("/networks/{network_id}/prometheus/alert_receiver/{receiver}"),
            ),
            ("/lte/", None),
            ("/dp/n1/cbsds/serial/more", None),
            ("/unheard/of", None),
        ] {
            assert_eq!(row_of(path).map(|index| RESOURCES[index].item), expected, "{path}");
        }
    }

    #[test]
    fn what_is_made_is_posted_to_its_collection() {
        for (path, expected) in [
            ("/lte/n1", "/lte"),
            ("/networks/n1/policies/rules/r1", "/networks/n1/policies/rules"),
            ("/lte/a%2Fb/subscribers/IMSI1", "/lte/a%2Fb/subscribers"),
        ] {
            let row = &RESOURCES[row_of(path).unwrap()];
            assert_eq!(collection_of(row, path), expected);
        }
    }
}
