// Made by `cargo xtask codegen` from the contract; change that, not this.
Tables {
    package: "magma.every_kind",
    names: concat!(
        "Every",
        "a_bool",
        "aBool",
        "an_int32",
        "anInt32",
        "an_int64",
        "anInt64",
        "a_uint32",
        "aUint32",
        "a_uint64",
        "aUint64",
        "a_sint32",
        "aSint32",
        "a_sint64",
        "aSint64",
        "a_fixed32",
        "aFixed32",
        "a_fixed64",
        "aFixed64",
        "a_sfixed32",
        "aSfixed32",
        "a_sfixed64",
        "aSfixed64",
        "a_float",
        "aFloat",
        "a_double",
        "aDouble",
        "a_string",
        "aString",
        "a_bytes",
        "aBytes",
        "a_colour",
        "aColour",
        "a_nested",
        "aNested",
        "bools",
        "int32s",
        "int64s",
        "uint32s",
        "uint64s",
        "fixed32s",
        "fixed64s",
        "floats",
        "doubles",
        "strings",
        "several_bytes",
        "severalBytes",
        "colours",
        "not_packed",
        "notPacked",
        "by_bool",
        "byBool",
        "by_int32",
        "byInt32",
        "by_int64",
        "byInt64",
        "by_uint32",
        "byUint32",
        "by_uint64",
        "byUint64",
        "by_sint32",
        "bySint32",
        "by_sint64",
        "bySint64",
        "by_fixed32",
        "byFixed32",
        "by_fixed64",
        "byFixed64",
        "by_sfixed32",
        "bySfixed32",
        "by_sfixed64",
        "bySfixed64",
        "by_string",
        "byString",
        "optional_bool",
        "optionalBool",
        "optional_string",
        "optionalString",
        "optional_float",
        "optionalFloat",
        "optional_colour",
        "optionalColour",
        "first_number",
        "firstNumber",
        "first_text",
        "firstText",
        "first_nested",
        "firstNested",
        "second_bool",
        "secondBool",
        "second_colour",
        "secondColour",
        "named_otherwise",
        "@other",
        "CamelCase",
        "a_b_1_c",
        "aB1C",
        "Every.Nested",
        "optional_number",
        "optionalNumber",
        "key",
        "value",
        "Chain",
        "next",
        "others",
        "by_name",
        "byName",
        "end",
        "COLOUR_NONE",
        "COLOUR_RED",
        "COLOUR_BELOW_ZERO",
    ),
    messages: &[
        Message { name: Name(0, 5), fields: Span(0, 59) }, // 0: .magma.every_kind.Every
        Message { name: Name(852, 12), fields: Span(59, 2) }, // 1: .magma.every_kind.Every.Nested
        Message { name: Name(0, 0), fields: Span(61, 2) }, // 2: .magma.every_kind.Every.ByBoolEntry
        Message { name: Name(0, 0), fields: Span(63, 2) }, // 3: .magma.every_kind.Every.ByInt32Entry
        Message { name: Name(0, 0), fields: Span(65, 2) }, // 4: .magma.every_kind.Every.ByInt64Entry
        Message { name: Name(0, 0), fields: Span(67, 2) }, // 5: .magma.every_kind.Every.ByUint32Entry
        Message { name: Name(0, 0), fields: Span(69, 2) }, // 6: .magma.every_kind.Every.ByUint64Entry
        Message { name: Name(0, 0), fields: Span(71, 2) }, // 7: .magma.every_kind.Every.BySint32Entry
        Message { name: Name(0, 0), fields: Span(73, 2) }, // 8: .magma.every_kind.Every.BySint64Entry
        Message { name: Name(0, 0), fields: Span(75, 2) }, // 9: .magma.every_kind.Every.ByFixed32Entry
        Message { name: Name(0, 0), fields: Span(77, 2) }, // 10: .magma.every_kind.Every.ByFixed64Entry
        Message { name: Name(0, 0), fields: Span(79, 2) }, // 11: .magma.every_kind.Every.BySfixed32Entry
        Message { name: Name(0, 0), fields: Span(81, 2) }, // 12: .magma.every_kind.Every.BySfixed64Entry
        Message { name: Name(0, 0), fields: Span(83, 2) }, // 13: .magma.every_kind.Every.ByStringEntry
        Message { name: Name(901, 5), fields: Span(85, 4) }, // 14: .magma.every_kind.Chain
        Message { name: Name(0, 0), fields: Span(89, 2) }, // 15: .magma.every_kind.Chain.ByNameEntry
    ],
    fields: &[
        Field { number: 1, name: Name(5, 6), json_name: Name(11, 5), kind: Kind::Bool, cardinality: Cardinality::Implicit, oneof: 0 }, // Every.a_bool
        Field { number: 2, name: Name(16, 8), json_name: Name(24, 7), kind: Kind::Int32, cardinality: Cardinality::Implicit, oneof: 0 }, // Every.an_int32
        Field { number: 3, name: Name(31, 8), json_name: Name(39, 7), kind: Kind::Int64, cardinality: Cardinality::Implicit, oneof: 0 }, // Every.an_int64
        Field { number: 4, name: Name(46, 8), json_name: Name(54, 7), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // Every.a_uint32
        Field { number: 5, name: Name(61, 8), json_name: Name(69, 7), kind: Kind::Uint64, cardinality: Cardinality::Implicit, oneof: 0 }, // Every.a_uint64
        Field { number: 6, name: Name(76, 8), json_name: Name(84, 7), kind: Kind::Sint32, cardinality: Cardinality::Implicit, oneof: 0 }, // Every.a_sint32
        Field { number: 7, name: Name(91, 8), json_name: Name(99, 7), kind: Kind::Sint64, cardinality: Cardinality::Implicit, oneof: 0 }, // Every.a_sint64
        Field { number: 8, name: Name(106, 9), json_name: Name(115, 8), kind: Kind::Fixed32, cardinality: Cardinality::Implicit, oneof: 0 }, // Every.a_fixed32
        Field { number: 9, name: Name(123, 9), json_name: Name(132, 8), kind: Kind::Fixed64, cardinality: Cardinality::Implicit, oneof: 0 }, // Every.a_fixed64
        Field { number: 10, name: Name(140, 10), json_name: Name(150, 9), kind: Kind::Sfixed32, cardinality: Cardinality::Implicit, oneof: 0 }, // Every.a_sfixed32
        Field { number: 11, name: Name(159, 10), json_name: Name(169, 9), kind: Kind::Sfixed64, cardinality: Cardinality::Implicit, oneof: 0 }, // Every.a_sfixed64
        Field { number: 12, name: Name(178, 7), json_name: Name(185, 6), kind: Kind::Float, cardinality: Cardinality::Implicit, oneof: 0 }, // Every.a_float
        Field { number: 13, name: Name(191, 8), json_name: Name(199, 7), kind: Kind::Double, cardinality: Cardinality::Implicit, oneof: 0 }, // Every.a_double
        Field { number: 14, name: Name(206, 8), json_name: Name(214, 7), kind: Kind::String, cardinality: Cardinality::Implicit, oneof: 0 }, // Every.a_string
        Field { number: 15, name: Name(221, 7), json_name: Name(228, 6), kind: Kind::Bytes, cardinality: Cardinality::Implicit, oneof: 0 }, // Every.a_bytes
        Field { number: 16, name: Name(234, 8), json_name: Name(242, 7), kind: Kind::Enum(0), cardinality: Cardinality::Implicit, oneof: 0 }, // Every.a_colour
        Field { number: 17, name: Name(249, 8), json_name: Name(257, 7), kind: Kind::Message(1), cardinality: Cardinality::Explicit, oneof: 0 }, // Every.a_nested
        Field { number: 101, name: Name(264, 5), json_name: Name(264, 5), kind: Kind::Bool, cardinality: Cardinality::Packed, oneof: 0 }, // Every.bools
        Field { number: 102, name: Name(269, 6), json_name: Name(269, 6), kind: Kind::Int32, cardinality: Cardinality::Packed, oneof: 0 }, // Every.int32s
        Field { number: 103, name: Name(275, 6), json_name: Name(275, 6), kind: Kind::Int64, cardinality: Cardinality::Packed, oneof: 0 }, // Every.int64s
        Field { number: 104, name: Name(281, 7), json_name: Name(281, 7), kind: Kind::Uint32, cardinality: Cardinality::Packed, oneof: 0 }, // Every.uint32s
        Field { number: 105, name: Name(288, 7), json_name: Name(288, 7), kind: Kind::Uint64, cardinality: Cardinality::Packed, oneof: 0 }, // Every.uint64s
        Field { number: 106, name: Name(268, 7), json_name: Name(268, 7), kind: Kind::Sint32, cardinality: Cardinality::Packed, oneof: 0 }, // Every.sint32s
        Field { number: 107, name: Name(274, 7), json_name: Name(274, 7), kind: Kind::Sint64, cardinality: Cardinality::Packed, oneof: 0 }, // Every.sint64s
        Field { number: 108, name: Name(295, 8), json_name: Name(295, 8), kind: Kind::Fixed32, cardinality: Cardinality::Packed, oneof: 0 }, // Every.fixed32s
        Field { number: 109, name: Name(303, 8), json_name: Name(303, 8), kind: Kind::Fixed64, cardinality: Cardinality::Packed, oneof: 0 }, // Every.fixed64s
        Field { number: 110, name: Name(294, 9), json_name: Name(294, 9), kind: Kind::Sfixed32, cardinality: Cardinality::Packed, oneof: 0 }, // Every.sfixed32s
        Field { number: 111, name: Name(302, 9), json_name: Name(302, 9), kind: Kind::Sfixed64, cardinality: Cardinality::Packed, oneof: 0 }, // Every.sfixed64s
        Field { number: 112, name: Name(311, 6), json_name: Name(311, 6), kind: Kind::Float, cardinality: Cardinality::Packed, oneof: 0 }, // Every.floats
        Field { number: 113, name: Name(317, 7), json_name: Name(317, 7), kind: Kind::Double, cardinality: Cardinality::Packed, oneof: 0 }, // Every.doubles
        Field { number: 114, name: Name(324, 7), json_name: Name(324, 7), kind: Kind::String, cardinality: Cardinality::Unpacked, oneof: 0 }, // Every.strings
        Field { number: 115, name: Name(331, 13), json_name: Name(344, 12), kind: Kind::Bytes, cardinality: Cardinality::Unpacked, oneof: 0 }, // Every.several_bytes
        Field { number: 116, name: Name(356, 7), json_name: Name(356, 7), kind: Kind::Enum(0), cardinality: Cardinality::Packed, oneof: 0 }, // Every.colours
        Field { number: 117, name: Name(251, 6), json_name: Name(251, 6), kind: Kind::Message(1), cardinality: Cardinality::Unpacked, oneof: 0 }, // Every.nested
        Field { number: 118, name: Name(363, 10), json_name: Name(373, 9), kind: Kind::Sint32, cardinality: Cardinality::Unpacked, oneof: 0 }, // Every.not_packed
        Field { number: 201, name: Name(382, 7), json_name: Name(389, 6), kind: Kind::Message(2), cardinality: Cardinality::Map, oneof: 0 }, // Every.by_bool
        Field { number: 202, name: Name(395, 8), json_name: Name(403, 7), kind: Kind::Message(3), cardinality: Cardinality::Map, oneof: 0 }, // Every.by_int32
        Field { number: 203, name: Name(410, 8), json_name: Name(418, 7), kind: Kind::Message(4), cardinality: Cardinality::Map, oneof: 0 }, // Every.by_int64
        Field { number: 204, name: Name(425, 9), json_name: Name(434, 8), kind: Kind::Message(5), cardinality: Cardinality::Map, oneof: 0 }, // Every.by_uint32
        Field { number: 205, name: Name(442, 9), json_name: Name(451, 8), kind: Kind::Message(6), cardinality: Cardinality::Map, oneof: 0 }, // Every.by_uint64
        Field { number: 206, name: Name(459, 9), json_name: Name(468, 8), kind: Kind::Message(7), cardinality: Cardinality::Map, oneof: 0 }, // Every.by_sint32
        Field { number: 207, name: Name(476, 9), json_name: Name(485, 8), kind: Kind::Message(8), cardinality: Cardinality::Map, oneof: 0 }, // Every.by_sint64
        Field { number: 208, name: Name(493, 10), json_name: Name(503, 9), kind: Kind::Message(9), cardinality: Cardinality::Map, oneof: 0 }, // Every.by_fixed32
        Field { number: 209, name: Name(512, 10), json_name: Name(522, 9), kind: Kind::Message(10), cardinality: Cardinality::Map, oneof: 0 }, // Every.by_fixed64
        Field { number: 210, name: Name(531, 11), json_name: Name(542, 10), kind: Kind::Message(11), cardinality: Cardinality::Map, oneof: 0 }, // Every.by_sfixed32
        Field { number: 211, name: Name(552, 11), json_name: Name(563, 10), kind: Kind::Message(12), cardinality: Cardinality::Map, oneof: 0 }, // Every.by_sfixed64
        Field { number: 212, name: Name(573, 9), json_name: Name(582, 8), kind: Kind::Message(13), cardinality: Cardinality::Map, oneof: 0 }, // Every.by_string
        Field { number: 301, name: Name(590, 13), json_name: Name(603, 12), kind: Kind::Bool, cardinality: Cardinality::Explicit, oneof: 0 }, // Every.optional_bool
        Field { number: 302, name: Name(615, 15), json_name: Name(630, 14), kind: Kind::String, cardinality: Cardinality::Explicit, oneof: 0 }, // Every.optional_string
        Field { number: 303, name: Name(644, 14), json_name: Name(658, 13), kind: Kind::Float, cardinality: Cardinality::Explicit, oneof: 0 }, // Every.optional_float
        Field { number: 304, name: Name(671, 15), json_name: Name(686, 14), kind: Kind::Enum(0), cardinality: Cardinality::Explicit, oneof: 0 }, // Every.optional_colour
        Field { number: 401, name: Name(700, 12), json_name: Name(712, 11), kind: Kind::Int32, cardinality: Cardinality::Explicit, oneof: 1 }, // Every.first_number
        Field { number: 402, name: Name(723, 10), json_name: Name(733, 9), kind: Kind::String, cardinality: Cardinality::Explicit, oneof: 1 }, // Every.first_text
        Field { number: 403, name: Name(742, 12), json_name: Name(754, 11), kind: Kind::Message(1), cardinality: Cardinality::Explicit, oneof: 1 }, // Every.first_nested
        Field { number: 411, name: Name(765, 11), json_name: Name(776, 10), kind: Kind::Bool, cardinality: Cardinality::Explicit, oneof: 2 }, // Every.second_bool
        Field { number: 412, name: Name(786, 13), json_name: Name(799, 12), kind: Kind::Enum(0), cardinality: Cardinality::Explicit, oneof: 2 }, // Every.second_colour
        Field { number: 501, name: Name(811, 15), json_name: Name(826, 6), kind: Kind::String, cardinality: Cardinality::Implicit, oneof: 0 }, // Every.named_otherwise
        Field { number: 502, name: Name(832, 9), json_name: Name(832, 9), kind: Kind::String, cardinality: Cardinality::Implicit, oneof: 0 }, // Every.CamelCase
        Field { number: 503, name: Name(841, 7), json_name: Name(848, 4), kind: Kind::String, cardinality: Cardinality::Implicit, oneof: 0 }, // Every.a_b_1_c
        Field { number: 1, name: Name(706, 6), json_name: Name(706, 6), kind: Kind::Int32, cardinality: Cardinality::Implicit, oneof: 0 }, // Nested.number
        Field { number: 2, name: Name(864, 15), json_name: Name(879, 14), kind: Kind::Int32, cardinality: Cardinality::Explicit, oneof: 0 }, // Nested.optional_number
        Field { number: 1, name: Name(893, 3), json_name: Name(893, 3), kind: Kind::Bool, cardinality: Cardinality::Implicit, oneof: 0 }, // ByBoolEntry.key
        Field { number: 2, name: Name(896, 5), json_name: Name(896, 5), kind: Kind::Bool, cardinality: Cardinality::Implicit, oneof: 0 }, // ByBoolEntry.value
        Field { number: 1, name: Name(893, 3), json_name: Name(893, 3), kind: Kind::Int32, cardinality: Cardinality::Implicit, oneof: 0 }, // ByInt32Entry.key
        Field { number: 2, name: Name(896, 5), json_name: Name(896, 5), kind: Kind::Int64, cardinality: Cardinality::Implicit, oneof: 0 }, // ByInt32Entry.value
        Field { number: 1, name: Name(893, 3), json_name: Name(893, 3), kind: Kind::Int64, cardinality: Cardinality::Implicit, oneof: 0 }, // ByInt64Entry.key
        Field { number: 2, name: Name(896, 5), json_name: Name(896, 5), kind: Kind::Float, cardinality: Cardinality::Implicit, oneof: 0 }, // ByInt64Entry.value
        Field { number: 1, name: Name(893, 3), json_name: Name(893, 3), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // ByUint32Entry.key
        Field { number: 2, name: Name(896, 5), json_name: Name(896, 5), kind: Kind::Double, cardinality: Cardinality::Implicit, oneof: 0 }, // ByUint32Entry.value
        Field { number: 1, name: Name(893, 3), json_name: Name(893, 3), kind: Kind::Uint64, cardinality: Cardinality::Implicit, oneof: 0 }, // ByUint64Entry.key
        Field { number: 2, name: Name(896, 5), json_name: Name(896, 5), kind: Kind::Enum(0), cardinality: Cardinality::Implicit, oneof: 0 }, // ByUint64Entry.value
        Field { number: 1, name: Name(893, 3), json_name: Name(893, 3), kind: Kind::Sint32, cardinality: Cardinality::Implicit, oneof: 0 }, // BySint32Entry.key
        Field { number: 2, name: Name(896, 5), json_name: Name(896, 5), kind: Kind::Bytes, cardinality: Cardinality::Implicit, oneof: 0 }, // BySint32Entry.value
        Field { number: 1, name: Name(893, 3), json_name: Name(893, 3), kind: Kind::Sint64, cardinality: Cardinality::Implicit, oneof: 0 }, // BySint64Entry.key
        Field { number: 2, name: Name(896, 5), json_name: Name(896, 5), kind: Kind::Message(1), cardinality: Cardinality::Explicit, oneof: 0 }, // BySint64Entry.value
        Field { number: 1, name: Name(893, 3), json_name: Name(893, 3), kind: Kind::Fixed32, cardinality: Cardinality::Implicit, oneof: 0 }, // ByFixed32Entry.key
        Field { number: 2, name: Name(896, 5), json_name: Name(896, 5), kind: Kind::String, cardinality: Cardinality::Implicit, oneof: 0 }, // ByFixed32Entry.value
        Field { number: 1, name: Name(893, 3), json_name: Name(893, 3), kind: Kind::Fixed64, cardinality: Cardinality::Implicit, oneof: 0 }, // ByFixed64Entry.key
        Field { number: 2, name: Name(896, 5), json_name: Name(896, 5), kind: Kind::Uint32, cardinality: Cardinality::Implicit, oneof: 0 }, // ByFixed64Entry.value
        Field { number: 1, name: Name(893, 3), json_name: Name(893, 3), kind: Kind::Sfixed32, cardinality: Cardinality::Implicit, oneof: 0 }, // BySfixed32Entry.key
        Field { number: 2, name: Name(896, 5), json_name: Name(896, 5), kind: Kind::Uint64, cardinality: Cardinality::Implicit, oneof: 0 }, // BySfixed32Entry.value
        Field { number: 1, name: Name(893, 3), json_name: Name(893, 3), kind: Kind::Sfixed64, cardinality: Cardinality::Implicit, oneof: 0 }, // BySfixed64Entry.key
        Field { number: 2, name: Name(896, 5), json_name: Name(896, 5), kind: Kind::Sint32, cardinality: Cardinality::Implicit, oneof: 0 }, // BySfixed64Entry.value
        Field { number: 1, name: Name(893, 3), json_name: Name(893, 3), kind: Kind::String, cardinality: Cardinality::Implicit, oneof: 0 }, // ByStringEntry.key
        Field { number: 2, name: Name(896, 5), json_name: Name(896, 5), kind: Kind::Fixed32, cardinality: Cardinality::Implicit, oneof: 0 }, // ByStringEntry.value
        Field { number: 1, name: Name(906, 4), json_name: Name(906, 4), kind: Kind::Message(14), cardinality: Cardinality::Explicit, oneof: 0 }, // Chain.next
        Field { number: 2, name: Name(910, 6), json_name: Name(910, 6), kind: Kind::Message(14), cardinality: Cardinality::Unpacked, oneof: 0 }, // Chain.others
        Field { number: 3, name: Name(916, 7), json_name: Name(923, 6), kind: Kind::Message(15), cardinality: Cardinality::Map, oneof: 0 }, // Chain.by_name
        Field { number: 4, name: Name(929, 3), json_name: Name(929, 3), kind: Kind::String, cardinality: Cardinality::Implicit, oneof: 0 }, // Chain.end
        Field { number: 1, name: Name(893, 3), json_name: Name(893, 3), kind: Kind::String, cardinality: Cardinality::Implicit, oneof: 0 }, // ByNameEntry.key
        Field { number: 2, name: Name(896, 5), json_name: Name(896, 5), kind: Kind::Message(14), cardinality: Cardinality::Explicit, oneof: 0 }, // ByNameEntry.value
    ],
    enums: &[
        Enum { values: Span(0, 3) }, // 0: .magma.every_kind.Colour
    ],
    values: &[
        EnumValue { name: Name(932, 11), number: 0 }, // COLOUR_NONE
        EnumValue { name: Name(943, 10), number: 1 }, // COLOUR_RED
        EnumValue { name: Name(953, 17), number: -7 }, // COLOUR_BELOW_ZERO
    ],
}
