//! Registration tokens: with one, a device makes itself known as the device of a gateway, once.

use crate::entity_writes::{EntityWrite, write_all};
use crate::row::{Transaction, execute, row};
use crate::{Store, StoreError, entities};
use orc8r_model::{Device, EntityId, EntityUpdate, GatewayId, NetworkId};

/// What to do with a token that is still valid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refresh {
    /// Show it again.
    KeepValid,
    /// Replace it; it is worth nothing from then on.
    Replace,
}

/// A token to be issued.
#[derive(Debug, Clone)]
pub struct IssueToken {
    /// From a cryptographic source; used unless a valid one is kept.
    pub candidate: String,
    /// Seconds since 1970.
    pub now: i64,
    /// When `candidate` ends, in seconds since 1970.
    pub expires_at: i64,
    /// What to do with a token that is still valid.
    pub refresh: Refresh,
}

/// A token that is valid now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IssuedToken {
    /// The token.
    pub token: String,
    /// When it ends, in seconds since 1970.
    pub expires_at: i64,
}

/// Why a token does not register a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenRefusal {
    /// No such token was issued, or a newer one took its place.
    #[error("the registration token is not known: get the current one from the gateway's page")]
    Unknown,
    /// Its time is over.
    #[error("the registration token has expired: get a new one from the gateway's page")]
    Expired,
    /// A device was registered with it.
    #[error("the registration token was used already: get a new one from the gateway's page")]
    AlreadyUsed,
}

/// What a token says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TokenUse {
    /// It stands for this gateway.
    Accepted {
        /// The gateway's network.
        network: NetworkId,
        /// The gateway.
        gateway: GatewayId,
    },
    /// Nothing.
    Refused(TokenRefusal),
}

impl Store {
    /// The current registration token of a gateway; a new one when there is none that is valid, or on request.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] without that gateway; [`StoreError::AlreadyExists`] when it has a device.
    pub async fn issue_registration_token(
        &self,
        network: &NetworkId,
        gateway: &GatewayId,
        issue: IssueToken,
    ) -> Result<IssuedToken, StoreError> {
        let (network, gateway) = (network.clone(), gateway.clone());
        self.write(move |transaction| issue_token(transaction, &network, &gateway, &issue)).await
    }

    /// What a token says now (`now` in seconds since 1970); it stays as valid as it is.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn check_registration_token(&self, token: &str, now: i64) -> Result<TokenUse, StoreError> {
        let token = token.to_owned();
        self.read(move |transaction| check(transaction, &token, now)).await
    }

    /// Uses a token: `device` becomes the device of the token's gateway, and the token is worth nothing from then on.
    /// All of that or nothing: when the device is refused, the token stays valid.
    ///
    /// # Errors
    /// [`StoreError::AlreadyMapped`] when the device stands for another gateway; [`StoreError::AlreadyExists`] when
    /// the gateway has a device already.
    pub async fn use_registration_token(
        &self,
        token: &str,
        device: Device,
        now: i64,
    ) -> Result<TokenUse, StoreError> {
        let token = token.to_owned();
        self.write(move |transaction| {
            let accepted = check(transaction, &token, now)?;
            if let TokenUse::Accepted { network, gateway } = &accepted {
                register(transaction, network, gateway, device)?;
                let sql = "UPDATE registration_tokens SET used_at = ?2 WHERE token = ?1";
                execute(transaction, sql, (&token, now))?;
            }
            Ok(accepted)
        })
        .await
    }
}

fn issue_token(
    transaction: &Transaction<'_>,
    network: &NetworkId,
    gateway: &GatewayId,
    issue: &IssueToken,
) -> Result<IssuedToken, StoreError> {
    require_no_device(transaction, network, gateway)?;
    if issue.refresh == Refresh::KeepValid
        && let Some(valid) = valid_token(transaction, network, gateway, issue.now)?
    {
        return Ok(valid);
    }
    let sql = "INSERT INTO registration_tokens (network_id, gateway_id, token, expires_at) VALUES (?1, ?2, ?3, ?4) \
               ON CONFLICT (network_id, gateway_id) \
               DO UPDATE SET token = excluded.token, expires_at = excluded.expires_at, used_at = NULL";
    execute(transaction, sql, (network.as_str(), gateway.as_str(), &issue.candidate, issue.expires_at))?;
    Ok(IssuedToken { token: issue.candidate.clone(), expires_at: issue.expires_at })
}

fn valid_token(
    transaction: &Transaction<'_>,
    network: &NetworkId,
    gateway: &GatewayId,
    now: i64,
) -> Result<Option<IssuedToken>, StoreError> {
    let sql = "SELECT token, expires_at FROM registration_tokens \
               WHERE network_id = ?1 AND gateway_id = ?2 AND used_at IS NULL AND expires_at > ?3";
    row(transaction, sql, (network.as_str(), gateway.as_str(), now), |row| {
        Ok(IssuedToken { token: row.get(0)?, expires_at: row.get(1)? })
    })
}

fn check(transaction: &Transaction<'_>, token: &str, now: i64) -> Result<TokenUse, StoreError> {
    let sql = "SELECT network_id, gateway_id, expires_at, used_at FROM registration_tokens WHERE token = ?1";
    let found: Option<(String, String, i64, Option<i64>)> =
        row(transaction, sql, [token], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))?;
    let corrupt = |error| StoreError::corrupt("the owner of a registration token", error);
    Ok(match found {
        None => TokenUse::Refused(TokenRefusal::Unknown),
        Some((.., Some(_))) => TokenUse::Refused(TokenRefusal::AlreadyUsed),
        Some((_, _, expires_at, None)) if expires_at <= now => TokenUse::Refused(TokenRefusal::Expired),
        Some((network, gateway, ..)) => TokenUse::Accepted {
            network: NetworkId::parse(network).map_err(corrupt)?,
            gateway: GatewayId::parse(gateway).map_err(corrupt)?,
        },
    })
}

fn register(
    transaction: &Transaction<'_>,
    network: &NetworkId,
    gateway: &GatewayId,
    device: Device,
) -> Result<(), StoreError> {
    require_no_device(transaction, network, gateway)?;
    let update = EntityUpdate {
        physical_id: Some(Some(device.hardware_id.to_string())),
        ..EntityUpdate::of(EntityId::gateway(gateway))
    };
    write_all(transaction, network, &[EntityWrite::Update(update), EntityWrite::PutDevice(device)])
}

fn require_no_device(
    transaction: &Transaction<'_>,
    network: &NetworkId,
    gateway: &GatewayId,
) -> Result<(), StoreError> {
    let entity = entities::load_without_edges(transaction, network, &EntityId::gateway(gateway))?;
    match entity.physical_id {
        Some(device) => {
            Err(StoreError::AlreadyExists { what: format!("device {device} of gateway {gateway}") })
        }
        None => Ok(()),
    }
}
