//! Whole folders of configuration, read as the agent reads them.

#[cfg(test)]
mod events_and_logs;
#[cfg(test)]
mod gateway_folder;
#[cfg(test)]
mod layouts;
#[cfg(test)]
mod metricsd;
mod mistakes;
#[cfg(test)]
mod real_sets;
#[cfg(test)]
mod tables_and_traces;
