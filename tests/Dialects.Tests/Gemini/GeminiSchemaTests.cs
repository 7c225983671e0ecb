using System.Text.Json;
using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using Gateway.Dialects.Gemini;

namespace Gateway.Dialects.Tests.Gemini;

public sealed class GeminiSchemaTests
{
    [Theory]
    [InlineData("""{"type":"string"}""", """{"type":"STRING"}""")]
    [InlineData("""{"type":["string","null"],"description":"d"}""", """{"type":"STRING","description":"d","nullable":true}""")]
    [InlineData("""{"anyOf":[{"type":"string"},{"type":"null"}],"description":"d"}""", """{"type":"STRING","description":"d","nullable":true}""")]
    [InlineData("""{"oneOf":[{"type":"string"},{"type":"integer"}]}""", """{"anyOf":[{"type":"STRING"},{"type":"INTEGER"}]}""")]
    [InlineData("""{"type":["string","integer"]}""", """{"anyOf":[{"type":"STRING"},{"type":"INTEGER"}]}""")]
    [InlineData("""{"const":"a"}""", """{"type":"STRING","enum":["a"]}""")]
    [InlineData("""{"type":"string","enum":["a","",null]}""", """{"type":"STRING","enum":["a"],"nullable":true}""")]
    [InlineData("""{"type":"integer","enum":[1,2],"description":"d"}""", """{"type":"INTEGER","description":"d One of: 1, 2."}""")]
    [InlineData("""{"type":"string","format":"email","minLength":1,"uniqueItems":true}""", """{"type":"STRING","minLength":1}""")]
    [InlineData("""{"type":"string","format":"date-time"}""", """{"type":"STRING","format":"date-time"}""")]
    [InlineData("""{"type":"object","properties":{"a":{"$ref":"#/$defs/A"}},"required":["a","b"],"additionalProperties":false,"$defs":{"A":{"type":"number"}}}""",
        """{"type":"OBJECT","properties":{"a":{"type":"NUMBER"}},"required":["a"]}""")]
    [InlineData("""{"properties":{"a":{"items":{"type":"boolean"}}}}""", """{"type":"OBJECT","properties":{"a":{"type":"ARRAY","items":{"type":"BOOLEAN"}}}}""")]
    [InlineData("""{"allOf":[{"type":"string"}],"description":"d"}""", """{"type":"STRING","description":"d"}""")]
    public void JSON_Schema_becomes_Gemini_s(string schema, string expected)
    {
        Assert.True(GeminiSchemaWriter.TryConvert(JsonElement.Parse(schema), out var converted));
        Assert.Equal(Said.Canonical(expected), Said.Canonical(converted.GetRawText()));
    }

    [Theory]
    [InlineData("""{"type":"object","properties":{"next":{"$ref":"#"}}}""")]
    [InlineData("""{"$ref":"#/$defs/A","$defs":{"A":{"type":"array","items":{"$ref":"#/$defs/A"}}}}""")]
    [InlineData("""{"$ref":"https://elsewhere/schema"}""")]
    [InlineData("""{"type":"array"}""")]
    [InlineData("""{"type":"object","additionalProperties":{"type":"string"}}""")]
    [InlineData("""{"type":"object","patternProperties":{"a":{}}}""")]
    [InlineData("""{"type":"array","prefixItems":[{"type":"string"}]}""")]
    [InlineData("""{"type":"object","properties":{"any":{}}}""")]
    [InlineData("""{"type":"object","properties":{"a":{"type":"string"}},"anyOf":[{"required":["a"]},{"type":"object"}]}""")]
    [InlineData("""true""")]
    public void What_it_cannot_say_is_left_to_JSON_Schema(string schema) => Assert.False(GeminiSchemaWriter.TryConvert(JsonElement.Parse(schema), out _));

    [Fact]
    public void References_that_multiply_are_not_followed_for_ever()
    {
        var defs = new JsonObject { ["d0"] = new JsonObject { ["type"] = "string" } };
        for (var i = 1; i < 40; i++)
        {
            defs[$"d{i}"] = new JsonObject
            {
                ["type"] = "object",
                ["properties"] = new JsonObject { ["a"] = new JsonObject { ["$ref"] = $"#/$defs/d{i - 1}" }, ["b"] = new JsonObject { ["$ref"] = $"#/$defs/d{i - 1}" } },
            };
        }

        Assert.False(GeminiSchemaWriter.TryConvert(JsonElement.Parse(new JsonObject { ["$ref"] = "#/$defs/d39", ["$defs"] = defs }.ToJsonString()), out _));
    }

    [Theory]
    [InlineData("""{"type":"object"}""", true)]
    [InlineData("""{"type":"object","properties":{},"additionalProperties":false}""", true)]
    [InlineData("""{"type":"object","additionalProperties":true}""", false)]
    [InlineData("""{"type":"object","properties":{"a":{}}}""", false)]
    [InlineData("""{"$ref":"#/$defs/a"}""", false)]
    public void A_function_without_parameters_is_told(string schema, bool expected) => Assert.Equal(expected, GeminiSchemaWriter.IsEmptyObject(JsonElement.Parse(schema)));

    [Fact]
    public void Schemas_that_both_can_say_survive_the_way_there_and_back()
    {
        Prop.ForAll(Schemas(3).ToArbitrary(), schema =>
        {
            Assert.True(GeminiSchemaWriter.TryConvert(JsonElement.Parse(schema.ToJsonString()), out var converted));
            Assert.Equal(Said.Canonical(schema)!.ToJsonString(), Said.Canonical(GeminiSchemaReader.ToJsonSchema(converted).GetRawText()));
        }).QuickCheckThrowOnFailure();
    }

    private static Gen<JsonNode> Schemas(int depth)
    {
        var simple = from type in Gen.Elements("string", "number", "integer", "boolean")
                     from nullable in Gen.Elements(true, false)
                     from description in Gen.Elements(null, "what it is", "ü \"quoted\"")
                     select (JsonNode)With(new JsonObject { ["type"] = nullable ? new JsonArray(type, "null") : type }, description);
        if (depth == 0)
        {
            return simple;
        }

        var list = from items in Schemas(depth - 1) select (JsonNode)new JsonObject { ["type"] = "array", ["items"] = items, ["minItems"] = 1 };
        var members = from a in Schemas(depth - 1)
                      from b in Schemas(depth - 1)
                      from required in Gen.Elements(true, false)
                      select (JsonNode)Object(a, b, required);
        var either = from a in list from b in members select (JsonNode)new JsonObject { ["anyOf"] = new JsonArray(a, b) };
        return Gen.OneOf(simple, list, members, either);
    }

    private static JsonObject With(JsonObject schema, string? description)
    {
        if (description is not null)
        {
            schema["description"] = description;
        }

        return schema;
    }

    private static JsonObject Object(JsonNode a, JsonNode b, bool required)
    {
        var schema = new JsonObject { ["type"] = "object", ["properties"] = new JsonObject { ["a"] = a, ["b c"] = b } };
        if (required)
        {
            schema["required"] = new JsonArray("a");
        }

        return schema;
    }
}
