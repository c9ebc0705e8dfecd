//! The forwarder against a foreign receiver: Python's TLS and PyPI's msgpack.

#[cfg(test)]
mod fluentd;
#[cfg(test)]
mod forwarding;
