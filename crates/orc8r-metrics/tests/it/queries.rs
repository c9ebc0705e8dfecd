//! The queries that must work: of existing dashboards and pages, of alert rules, and tricky ones.

/// Queries whose results have an order.
pub const ORDERED: [&str; 4] = ["sort(", "sort_desc(", "topk(", "bottomk("];

/// What a panel of an existing dashboard asks for.
pub struct Panel {
    pub metrics: Vec<String>,
    function: String,
    window: String,
    grouping: String,
    rounds: bool,
}

pub fn panels() -> Vec<Panel> {
    let lines = include_str!("panels.tsv").lines().filter(|line| !line.starts_with('#'));
    lines
        .map(|line| {
            let mut fields = line.split('\t').map(str::to_owned);
            let mut next = || fields.next().unwrap_or_default();
            let (metrics, function, window, grouping) = (next(), next(), next(), next());
            let names: Vec<_> = metrics.split(',').map(str::to_owned).collect();
            let rounds = names.iter().any(|name| name == "round");
            let metrics = names.into_iter().filter(|name| name != "round").collect();
            Panel { metrics, function, window, grouping, rounds }
        })
        .collect()
}

/// The queries of the panels, each once, with the variables of a dashboard filled in.
pub fn panel_queries() -> Vec<String> {
    let mut queries: Vec<String> = panels().iter().flat_map(Panel::queries).collect();
    queries.sort();
    queries.dedup();
    queries
}

impl Panel {
    fn queries(&self) -> Vec<String> {
        let part = |metric: &str, more: &str| {
            let selector = format!("{metric}{{networkID=~\"n1|n2\",gatewayID=~\"g.*\"{more}}}");
            let value = match self.function.as_str() {
                "" => selector,
                function => format!("{function}({selector}[{}])", self.window),
            };
            if self.grouping.is_empty() { value } else { format!("sum({value}) by ({})", self.grouping) }
        };
        let mut queries: Vec<_> = self.metrics.iter().map(|metric| part(metric, "")).collect();
        // Success rates: one of them, or one of their results, in a hundred.
        let all = queries.join(" + ");
        let share = format!("{} * 100 / ({all})", part(&self.metrics[0], ",code=\"200\""));
        if !self.grouping.is_empty() {
            queries.push(if self.rounds { format!("round({share})") } else { share });
        }
        queries.push(all);
        queries
    }
}

/// What pages of the NMS and its predefined alert rules ask for, on metrics that are there, and what tries corners.
pub fn tricky_queries() -> Vec<String> {
    include_str!("queries.txt")
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(str::to_owned)
        .collect()
}
