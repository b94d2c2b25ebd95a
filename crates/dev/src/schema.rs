//! The JSON Schema of the report `hangup/1`, from the types that the report is made of.

/// The schema, as `docs/hangup-1.schema.json` has it.
pub fn schema() -> String {
    let settings = schemars::generate::SchemaSettings::draft2020_12().for_serialize();
    let schema = settings.into_generator().into_root_schema_for::<hangup_engine::Report>();
    let mut text = serde_json::to_string_pretty(&schema).unwrap_or_default();
    text.push('\n');
    text
}
