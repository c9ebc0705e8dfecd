//! The shapes that the head knows: what gateways of one kind have in common, held once.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::bytes::split_key;

/// A shape's number, as long as the head uses it.
pub(super) type ShapeId = u32;

/// A name, its labels, and who has it.
#[derive(Debug)]
pub(super) struct Shape {
    /// The name and labels, as [`super::KeyBuffer`] writes them.
    pub(super) key: Arc<[u8]>,
    /// The numbers of the sources that have it.
    pub(super) sources: Vec<u32>,
    /// The segment of the log that defined it last.
    pub(super) defined_in: u64,
}

/// All shapes of the head.
#[derive(Debug, Default)]
pub(super) struct Shapes {
    shapes: Vec<Option<Shape>>,
    ids: HashMap<Arc<[u8]>, ShapeId>,
    names: BTreeMap<String, Vec<ShapeId>>,
    free: Vec<ShapeId>,
}

impl Shapes {
    pub(super) fn id(&self, key: &[u8]) -> Option<ShapeId> {
        self.ids.get(key).copied()
    }

    /// The number of a shape that is new; `None` when its bytes are no key.
    pub(super) fn add(&mut self, key: &[u8]) -> Option<ShapeId> {
        let (name, _) = split_key(key)?;
        let id = self.free.pop().unwrap_or_else(|| {
            self.shapes.push(None);
            (self.shapes.len() - 1) as ShapeId
        });
        let key: Arc<[u8]> = key.into();
        self.shapes[id as usize] = Some(Shape { key: key.clone(), sources: Vec::new(), defined_in: 0 });
        self.ids.insert(key, id);
        match self.names.get_mut(name) {
            Some(shapes) => shapes.push(id),
            None => drop(self.names.insert(name.to_owned(), vec![id])),
        }
        Some(id)
    }

    pub(super) fn get(&self, id: ShapeId) -> Option<&Shape> {
        self.shapes.get(id as usize)?.as_ref()
    }

    pub(super) fn get_mut(&mut self, id: ShapeId) -> Option<&mut Shape> {
        self.shapes.get_mut(id as usize)?.as_mut()
    }

    /// The metrics' names with their shapes, in order.
    pub(super) fn names(&self) -> impl Iterator<Item = (&str, &[ShapeId])> {
        self.names.iter().map(|(name, ids)| (name.as_str(), ids.as_slice()))
    }

    /// The shapes of one metric.
    pub(super) fn named(&self, name: &str) -> &[ShapeId] {
        self.names.get(name).map_or(&[], Vec::as_slice)
    }

    /// The keys by their numbers, for who reads them later.
    pub(super) fn keys(&self) -> Vec<Option<Arc<[u8]>>> {
        self.shapes.iter().map(|shape| shape.as_ref().map(|shape| shape.key.clone())).collect()
    }

    /// Forgets who has which shape, to be told anew.
    pub(super) fn clear_sources(&mut self) {
        self.shapes.iter_mut().flatten().for_each(|shape| shape.sources.clear());
    }

    /// Drops the shapes that nobody has.
    pub(super) fn drop_unused(&mut self) {
        for id in 0..self.shapes.len() {
            if let Some(shape) = self.shapes[id].take_if(|shape| shape.sources.is_empty()) {
                self.ids.remove(&shape.key);
                self.free.push(id as ShapeId);
            }
        }
        self.names.clear();
        for (id, shape) in self.shapes.iter().enumerate() {
            let Some((name, _)) = shape.as_ref().and_then(|shape| split_key(&shape.key)) else { continue };
            match self.names.get_mut(name) {
                Some(shapes) => shapes.push(id as ShapeId),
                None => drop(self.names.insert(name.to_owned(), vec![id as ShapeId])),
            }
        }
    }
}
