//! Tenants: organisations that own networks.

use crate::row::{Transaction, execute, row, rows};
use crate::{Store, StoreError};
use orc8r_model::{NetworkId, Tenant};
use std::collections::BTreeSet;

impl Store {
    /// Every tenant, in the order of their ids.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn tenants(&self) -> Result<Vec<Tenant>, StoreError> {
        self.read(|transaction| {
            let named: Vec<(i64, String)> =
                rows(transaction, "SELECT id, name FROM tenants ORDER BY id", (), |row| {
                    Ok((row.get(0)?, row.get(1)?))
                })?;
            let sql = "SELECT tenant_id, network_id FROM tenant_networks";
            let owned: Vec<(i64, String)> = rows(transaction, sql, (), |row| Ok((row.get(0)?, row.get(1)?)))?;
            let networks = |tenant: i64| {
                let of_tenant = owned.iter().filter(move |(owner, _)| *owner == tenant);
                of_tenant.map(|(_, network)| network.clone()).collect()
            };
            Ok(named.into_iter().map(|(id, name)| Tenant { id, name, networks: networks(id) }).collect())
        })
        .await
    }

    /// One tenant.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn tenant(&self, id: i64) -> Result<Tenant, StoreError> {
        self.read(move |transaction| load(transaction, id)?.ok_or_else(|| none(id))).await
    }

    /// Makes a tenant.
    ///
    /// # Errors
    /// [`StoreError::AlreadyExists`].
    pub async fn create_tenant(&self, tenant: Tenant) -> Result<(), StoreError> {
        self.write(move |transaction| {
            if load(transaction, tenant.id)?.is_some() {
                return Err(StoreError::AlreadyExists { what: named(tenant.id) });
            }
            let sql = "INSERT INTO tenants (id, name) VALUES (?1, ?2)";
            execute(transaction, sql, (tenant.id, &tenant.name))?;
            put_networks(transaction, &tenant)
        })
        .await
    }

    /// Replaces a tenant's name and networks; its `control_proxy` stays.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn update_tenant(&self, tenant: Tenant) -> Result<(), StoreError> {
        self.write(move |transaction| {
            let sql = "UPDATE tenants SET name = ?2 WHERE id = ?1";
            if execute(transaction, sql, (tenant.id, &tenant.name))? == 0 {
                return Err(none(tenant.id));
            }
            execute(transaction, "DELETE FROM tenant_networks WHERE tenant_id = ?1", [tenant.id])?;
            put_networks(transaction, &tenant)
        })
        .await
    }

    /// Deletes a tenant; its networks stay.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn delete_tenant(&self, id: i64) -> Result<(), StoreError> {
        self.write(move |transaction| {
            match execute(transaction, "DELETE FROM tenants WHERE id = ?1", [id])? {
                0 => Err(none(id)),
                _ => Ok(()),
            }
        })
        .await
    }

    /// The `control_proxy.yml` that gateways of a tenant get when they register, if it has its own.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is no such tenant.
    pub async fn tenant_control_proxy(&self, id: i64) -> Result<Option<String>, StoreError> {
        self.read(move |transaction| {
            let sql = "SELECT control_proxy FROM tenants WHERE id = ?1";
            row(transaction, sql, [id], |row| row.get(0))?.ok_or_else(|| none(id))
        })
        .await
    }

    /// Sets the `control_proxy.yml` of a tenant's gateways.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is no such tenant.
    pub async fn set_tenant_control_proxy(&self, id: i64, text: &str) -> Result<(), StoreError> {
        let text = text.to_owned();
        self.write(move |transaction| {
            match execute(transaction, "UPDATE tenants SET control_proxy = ?2 WHERE id = ?1", (id, text))? {
                0 => Err(none(id)),
                _ => Ok(()),
            }
        })
        .await
    }

    /// The `control_proxy.yml` for a network's gateways: that of the first tenant which owns the network and has one.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn control_proxy_of_network(&self, network: &NetworkId) -> Result<Option<String>, StoreError> {
        let network = network.clone();
        self.read(move |transaction| {
            let sql = "SELECT tenants.control_proxy FROM tenant_networks \
                       JOIN tenants ON tenants.id = tenant_networks.tenant_id \
                       WHERE tenant_networks.network_id = ?1 AND tenants.control_proxy IS NOT NULL \
                       ORDER BY tenants.id LIMIT 1";
            row(transaction, sql, [network.as_str()], |row| row.get(0))
        })
        .await
    }
}

fn named(id: i64) -> String {
    format!("tenant {id}")
}

fn none(id: i64) -> StoreError {
    StoreError::not_found(named(id))
}

fn load(transaction: &Transaction<'_>, id: i64) -> Result<Option<Tenant>, StoreError> {
    let name: Option<String> =
        row(transaction, "SELECT name FROM tenants WHERE id = ?1", [id], |row| row.get(0))?;
    let Some(name) = name else { return Ok(None) };
    let networks = networks_of(transaction, id)?;
    Ok(Some(Tenant { id, name, networks }))
}

/// The networks of a tenant.
pub(crate) fn networks_of(transaction: &Transaction<'_>, id: i64) -> Result<BTreeSet<String>, StoreError> {
    let sql = "SELECT network_id FROM tenant_networks WHERE tenant_id = ?1";
    Ok(rows(transaction, sql, [id], |row| row.get(0))?.into_iter().collect())
}

fn put_networks(transaction: &Transaction<'_>, tenant: &Tenant) -> Result<(), StoreError> {
    let sql = "INSERT INTO tenant_networks (tenant_id, network_id) VALUES (?1, ?2)";
    tenant.networks.iter().try_for_each(|network| execute(transaction, sql, (tenant.id, network)).map(drop))
}
