//! The table of what is served: each handler with its method and path, and with what its types say about it.
//!
//! A handler describes itself: by what it takes out of the request ([`Takes`]) and by what it answers ([`Answers`]). The
//! OpenAPI document is made from nothing else, so it cannot say what the program does not do.

use crate::Api;
use crate::error::ApiError;
use axum::extract::{Extension, State};
use axum::handler::Handler;
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, delete, get, post, put};
use axum::{Json, Router};
use serde::Serialize;
use serde_json::Value;
use std::future::Future;
use std::marker::PhantomData;
use wire_rest::{HasSchema, Schema};

/// What one method of one path does.
#[derive(Debug, Clone)]
pub struct Operation {
    /// `GET`, `POST`, `PUT` or `DELETE`.
    pub method: Method,
    /// Below `/magma/v1`, with the names of its parts in braces.
    pub path: &'static str,
    /// The parameters of its query.
    pub query: Vec<QueryParameter>,
    /// What its body is, if it has one.
    pub request: Option<RequestBody>,
    /// The status of success.
    pub success: StatusCode,
    /// What an answer's body is; `None`: there is none, or it is no JSON.
    pub answer: Option<&'static Schema>,
}

/// A parameter of a query.
#[derive(Debug, Clone)]
pub struct QueryParameter {
    /// Its name.
    pub name: &'static str,
    /// What it is.
    pub schema: &'static Schema,
    /// Whether it must be there.
    pub required: bool,
}

/// The body of a request.
#[derive(Debug, Clone)]
pub struct RequestBody {
    /// What it is.
    pub schema: &'static Schema,
    /// Whether it must be there.
    pub required: bool,
}

/// Handlers by method and path.
#[derive(Default)]
pub(crate) struct Routes {
    router: Router<Api>,
    operations: Vec<Operation>,
}

impl Routes {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Serves `GET path`.
    pub(crate) fn get<T, H: Handler<T, Api> + Describes<T>>(self, path: &'static str, handler: H) -> Self
    where
        T: 'static,
    {
        self.on::<T, H>(Method::GET, path, get(handler))
    }

    /// Serves `POST path`.
    pub(crate) fn post<T, H: Handler<T, Api> + Describes<T>>(self, path: &'static str, handler: H) -> Self
    where
        T: 'static,
    {
        self.on::<T, H>(Method::POST, path, post(handler))
    }

    /// Serves `PUT path`.
    pub(crate) fn put<T, H: Handler<T, Api> + Describes<T>>(self, path: &'static str, handler: H) -> Self
    where
        T: 'static,
    {
        self.on::<T, H>(Method::PUT, path, put(handler))
    }

    /// Serves `DELETE path`.
    pub(crate) fn delete<T, H: Handler<T, Api> + Describes<T>>(self, path: &'static str, handler: H) -> Self
    where
        T: 'static,
    {
        self.on::<T, H>(Method::DELETE, path, delete(handler))
    }

    /// Serves what `other` serves too.
    pub(crate) fn merge(mut self, other: Self) -> Self {
        self.operations.extend(other.operations);
        Self { router: self.router.merge(other.router), operations: self.operations }
    }

    /// The router, and what it serves.
    pub(crate) fn into_parts(self) -> (Router<Api>, Vec<Operation>) {
        (self.router, self.operations)
    }

    fn on<T, H: Describes<T>>(
        mut self,
        method: Method,
        path: &'static str,
        route: MethodRouter<Api>,
    ) -> Self {
        let mut operation = Operation {
            method,
            path,
            query: Vec::new(),
            request: None,
            success: StatusCode::OK,
            answer: None,
        };
        H::describe(&mut operation);
        self.operations.push(operation);
        Self { router: self.router.route(path, route), operations: self.operations }
    }
}

/// What a handler takes out of a request.
pub(crate) trait Takes {
    /// Notes it. What lies in the path is known from the path.
    fn describe(_operation: &mut Operation) {}
}

impl Takes for State<Api> {}

impl<T> Takes for Extension<T> {}

impl<T> Takes for Option<Extension<T>> {}

/// What a handler answers.
pub(crate) trait Answers {
    /// Notes it.
    fn describe(operation: &mut Operation);
}

impl<T: HasSchema> Answers for Json<T> {
    fn describe(operation: &mut Operation) {
        operation.answer = Some(T::SCHEMA);
    }
}

impl<T: Answers> Answers for Result<T, ApiError> {
    fn describe(operation: &mut Operation) {
        T::describe(operation);
    }
}

/// 200 with a body that is no JSON.
impl Answers for Response {
    fn describe(_operation: &mut Operation) {}
}

/// JSON that is passed on as it was reported; the contract says that it is a `T`.
pub(crate) struct Shown<T> {
    json: Value,
    is: PhantomData<T>,
}

impl<T> Shown<T> {
    pub(crate) fn new(json: Value) -> Self {
        Self { json, is: PhantomData }
    }
}

impl<T> IntoResponse for Shown<T> {
    fn into_response(self) -> Response {
        Json(self.json).into_response()
    }
}

impl<T: HasSchema> Answers for Shown<T> {
    fn describe(operation: &mut Operation) {
        operation.answer = Some(T::SCHEMA);
    }
}

/// 201 with what was made, where the caller could not know it otherwise.
pub(crate) struct CreatedJson<T>(pub(crate) T);

impl<T: Serialize> IntoResponse for CreatedJson<T> {
    fn into_response(self) -> Response {
        (StatusCode::CREATED, Json(self.0)).into_response()
    }
}

impl<T: HasSchema> Answers for CreatedJson<T> {
    fn describe(operation: &mut Operation) {
        operation.success = StatusCode::CREATED;
        operation.answer = Some(T::SCHEMA);
    }
}

/// JSON that is written already; the contract says that it is a `T`.
pub(crate) struct Passed<T> {
    json: String,
    status: StatusCode,
    is: PhantomData<T>,
}

impl<T> Passed<T> {
    pub(crate) fn new(json: String) -> Self {
        Self { json, status: StatusCode::OK, is: PhantomData }
    }

    pub(crate) fn with_status(json: String, status: u16) -> Self {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        Self { json, status, is: PhantomData }
    }
}

impl<T> IntoResponse for Passed<T> {
    fn into_response(self) -> Response {
        let kind = [(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))];
        (self.status, kind, self.json).into_response()
    }
}

impl<T: HasSchema> Answers for Passed<T> {
    fn describe(operation: &mut Operation) {
        operation.answer = Some(T::SCHEMA);
    }
}

macro_rules! statuses {
    ($($(#[$doc:meta])* $name:ident = $status:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy)]
        pub(crate) struct $name;

        impl IntoResponse for $name {
            fn into_response(self) -> Response {
                StatusCode::$status.into_response()
            }
        }

        impl Answers for $name {
            fn describe(operation: &mut Operation) {
                operation.success = StatusCode::$status;
            }
        }
    )*};
}

statuses! {
    /// 200 without a body.
    Done = OK;
    /// 201 without a body.
    Created = CREATED;
    /// 204.
    NoContent = NO_CONTENT;
}

/// A handler whose types say what it does; `T` is what axum tells handlers apart by.
pub(crate) trait Describes<T> {
    /// Notes what it takes and answers.
    fn describe(operation: &mut Operation);
}

impl<F, Fut, R> Describes<((),)> for F
where
    F: FnOnce() -> Fut,
    Fut: Future<Output = R>,
    R: Answers,
{
    fn describe(operation: &mut Operation) {
        R::describe(operation);
    }
}

macro_rules! describes {
    ($($taken:ident)*) => {
        impl<F, Fut, R, M, $($taken,)*> Describes<(M, $($taken,)*)> for F
        where
            F: FnOnce($($taken,)*) -> Fut,
            Fut: Future<Output = R>,
            R: Answers,
            $($taken: Takes,)*
        {
            fn describe(operation: &mut Operation) {
                $($taken::describe(operation);)*
                R::describe(operation);
            }
        }
    };
}

describes!(A);
describes!(A B);
describes!(A B C);
describes!(A B C D);
describes!(A B C D E);
