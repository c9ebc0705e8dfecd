//! The panels of the built-in dashboards, as a table: what each shows, its unit, and what is asked for it.
//!
//! In a query, `$s` stands for what narrows it to the object of the dashboard, such as `gatewayID="gw1"`; the API itself
//! narrows it to the network. `$enodeb` and `$ip` are an eNodeB's serial number and address. A counter is always shown
//! as its rate or increase, bytes a second as bit/s.

mod lte;
mod machine;
mod usage;
mod wifi;

use crate::metrics::promql::quoted;
use crate::view::chart::{Chart, Line};
use crate::view::unit::Unit;

/// A panel: what it shows, its unit, and its lines: their names and queries.
#[derive(Debug)]
pub(crate) struct Panel {
    pub(crate) title: &'static str,
    pub(crate) unit: Unit,
    pub(crate) lines: &'static [(&'static str, &'static str)],
}

/// Panels about one thing: its name in the URL, how it is called, and which dashboards have it.
#[derive(Debug)]
pub(crate) struct Group {
    pub(crate) name: &'static str,
    pub(crate) title: &'static str,
    pub(crate) boards: &'static [Kind],
    pub(crate) networks: Networks,
    pub(crate) panels: &'static [Panel],
}

/// What a dashboard is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Network,
    Gateway,
    Enodeb,
    Subscriber,
}

impl Kind {
    /// Its place in a URL.
    pub(crate) fn plural(self) -> &'static str {
        match self {
            Self::Network => "networks",
            Self::Gateway => "gateways",
            Self::Enodeb => "enodebs",
            Self::Subscriber => "subscribers",
        }
    }

    /// The one of such a place; a network is not chosen.
    pub(crate) fn of_plural(name: &str) -> Option<Self> {
        [Self::Gateway, Self::Enodeb, Self::Subscriber].into_iter().find(|kind| kind.plural() == name)
    }

    /// How they are called.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Network => "Networks",
            Self::Gateway => "Gateways",
            Self::Enodeb => "eNodeBs",
            Self::Subscriber => "Subscribers",
        }
    }
}

/// In which networks there is something to show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Networks {
    All,
    Lte,
    /// Carrier Wi-Fi and federation, whose gateways speak Diameter.
    Others,
}

/// All groups, in the order in which they are shown.
pub(crate) static GROUPS: [&Group; 15] = [
    &lte::OVERVIEW,
    &lte::CONNECTIONS,
    &lte::TRAFFIC,
    &lte::ATTACH,
    &lte::REQUESTS,
    &lte::AUTHENTICATION,
    &lte::FIVE_G,
    &lte::ENODEB,
    &lte::ENODEBS,
    &wifi::SESSIONS,
    &wifi::RESULTS,
    &wifi::CREDIT,
    &machine::MACHINE,
    &usage::SUBSCRIBER,
    &usage::ANALYSES,
];

/// The groups of a dashboard in a network of this kind.
pub(crate) fn groups(kind: Kind, is_lte: bool) -> Vec<&'static Group> {
    let is_of = |group: &&&Group| {
        group.boards.contains(&kind)
            && match group.networks {
                Networks::All => true,
                Networks::Lte => is_lte,
                Networks::Others => !is_lte,
            }
    };
    GROUPS.iter().filter(is_of).copied().collect()
}

/// What a dashboard is about, by name.
#[derive(Debug, Clone, Default)]
pub(crate) struct Object {
    pub(crate) gateway: String,
    pub(crate) enodeb: String,
    pub(crate) ip: String,
    pub(crate) imsi: String,
}

impl Panel {
    /// Its chart for an object.
    pub(crate) fn chart(&self, object: &Object) -> Chart {
        let lines = self.lines.iter().map(|(name, promql)| Line::new(*name, filled(promql, object)));
        Chart::new(self.title, self.unit, lines.collect())
    }
}

/// A query about an object.
fn filled(promql: &str, object: &Object) -> String {
    let mut matchers = Vec::new();
    if !object.gateway.is_empty() {
        matchers.push(format!("gatewayID={}", quoted(&object.gateway)));
    }
    if !object.imsi.is_empty() {
        // With and without the prefix, as services write it.
        let number = object.imsi.trim_start_matches("IMSI");
        matchers.push(format!("IMSI=~{}", quoted(&format!("(IMSI)?{}", plain(number)))));
    }
    let matchers = matchers.join(",");
    let promql = match matchers.is_empty() {
        true => promql.replace("$s,", "").replace("{$s}", ""),
        false => promql.replace("$s", &matchers),
    };
    promql.replace("$enodeb", &quoted(&object.enodeb)).replace("$ip", &quoted(&object.ip))
}

/// A text of which a regular expression makes nothing else.
fn plain(text: &str) -> String {
    text.chars().filter(char::is_ascii_alphanumeric).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn queries_are_narrowed_to_their_object() {
        let gateway = Object { gateway: "gw\"1".to_owned(), ..Object::default() };
        let imsi = Object { imsi: "IMSI00101".to_owned(), ..Object::default() };
        let rows = [
            ("sum(a{$s})", &Object::default(), "sum(a)"),
            ("a{$s,b=\"c\"}", &Object::default(), "a{b=\"c\"}"),
            ("a{$s,b=\"c\"}", &gateway, r#"a{gatewayID="gw\"1",b="c"}"#),
            ("a{$s}", &imsi, r#"a{IMSI=~"(IMSI)?00101"}"#),
        ];
        for (promql, object, expected) in rows {
            assert_eq!(filled(promql, object), expected);
        }
    }

    #[test]
    fn every_query_is_promql_and_has_its_unit() {
        let objects = [
            Object::default(),
            Object {
                gateway: "gw1".to_owned(),
                enodeb: "1202".to_owned(),
                ip: "10.0.0.1".to_owned(),
                imsi: "IMSI001".to_owned(),
            },
        ];
        let panels = GROUPS.iter().flat_map(|group| group.panels);
        for panel in panels {
            for line in objects.iter().flat_map(|object| panel.chart(object).lines) {
                let parsed = orc8r_metrics::promql::parse(&line.promql);
                assert!(parsed.is_ok(), "{}: {}: {parsed:?}", panel.title, line.promql);
                assert!(!line.promql.contains('$'), "{}", line.promql);
                // The existing UI's mistakes: bytes as bits, and counters that only ever rise.
                if panel.unit == Unit::BitsPerSecond {
                    assert!(
                        line.promql.contains("* 8") && line.promql.contains("rate(")
                            || line.promql.contains("throughput"),
                        "{}",
                        line.promql
                    );
                }
                if panel.unit == Unit::PerSecond {
                    assert!(line.promql.contains("rate("), "{}", line.promql);
                }
            }
        }
    }

    #[test]
    fn names_are_unique() {
        let names: BTreeSet<_> = GROUPS.iter().map(|group| group.name).collect();
        assert_eq!(names.len(), GROUPS.len());
        for group in GROUPS {
            let titles: BTreeSet<_> = group.panels.iter().map(|panel| panel.title).collect();
            assert_eq!(titles.len(), group.panels.len(), "{}", group.name);
            assert!(group.panels.len() <= 8, "{}: a page has no more charts", group.name);
        }
    }

    /// Each panel of the existing dashboards, and which of ours shows the same, or why none does.
    #[test]
    fn the_panels_of_existing_dashboards_are_covered() {
        let rows = include_str!("panels/covered.tsv").lines().filter(|line| !line.starts_with('#'));
        let rows: Vec<Vec<&str>> = rows.map(|line| line.split('\t').collect()).collect();
        assert_eq!(rows.len(), 160);
        for row in &rows {
            let [_, _, _, metrics, group, title] = row.as_slice() else { panic!("{row:?}") };
            if group.is_empty() {
                assert!(title.len() > 10, "{row:?}: say why");
                continue;
            }
            let group = GROUPS.iter().find(|known| known.name == *group).unwrap_or_else(|| panic!("{row:?}"));
            let panel = group.panels.iter().find(|panel| panel.title == *title);
            let panel = panel.unwrap_or_else(|| panic!("{row:?}: no such panel"));
            let asks = |metric: &str| panel.lines.iter().any(|(_, promql)| promql.contains(metric));
            assert!(metrics.split(',').any(asks), "{row:?}");
        }
    }
}
