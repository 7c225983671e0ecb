using System.Text.Json;
using Gateway.McpHub.CodeMode;

namespace Gateway.McpHub.Tests.CodeMode;

public sealed class ToolSignatureTests
{
    [Theory]
    [InlineData("""{"type":"object"}""", "s.t() -> any")]
    [InlineData("""{"type":"object","properties":{"b":{"type":"integer"},"a":{"type":"string"}},"required":["a"]}""", "s.t(a: str, b: int = None) -> any")]
    [InlineData("""{"properties":{"state":{"enum":["open","closed"],"default":"open"}}}""", """s.t(state: "open" | "closed" = "open") -> any""")]
    [InlineData("""{"properties":{"x":{"type":["number","null"]},"y":{"anyOf":[{"type":"string"},{"type":"boolean"}]}}}""", "s.t(x: float | None = None, y: str | bool = None) -> any")]
    [InlineData("""{"properties":{"l":{"type":"array","items":{"type":"object","properties":{"id":{"type":"integer"},"n":{"type":"string"}},"required":["id"]}}}}""", "s.t(l: list[{id: int, n?: str}] = None) -> any")]
    [InlineData("""{"properties":{"m":{"type":"object","additionalProperties":{"type":"integer"}}}}""", "s.t(m: dict[str, int] = None) -> any")]
    [InlineData("""{"$defs":{"U":{"type":"object","properties":{"of":{"$ref":"#/$defs/U"}}}},"properties":{"u":{"$ref":"#/$defs/U"}}}""", "s.t(u: {of?: {of?: {of?: {of?: {of?: any}}}}} = None) -> any")]
    [InlineData("""{"properties":{"c":{"const":3},"d":{"$ref":"#/nowhere"},"e":true}}""", "s.t(c: 3 = None, d: any = None, e: any = None) -> any")]
    public void Schemas_are_written_as_types(string schema, string expected) => Assert.Equal(expected, ToolSignature.Of("s.t", null, JsonElement.Parse(schema), null).Brief());

    [Fact]
    public void What_is_said_of_a_tool_is_brief_in_a_list_and_whole_when_asked_for()
    {
        var schema = JsonElement.Parse("""{"type":"object","properties":{"repo":{"type":"string","description":"owner/name\n of it"}},"required":["repo"]}""");
        var output = JsonElement.Parse("""{"type":"object","properties":{"count":{"type":"integer"}},"required":["count"]}""");
        var signature = ToolSignature.Of("s.t", "Counts issues. Open ones\n only.", schema, output);
        Assert.Equal("s.t(repo: str) -> {count: int}  # Counts issues", signature.Brief());
        Assert.Equal("s.t(repo: str) -> {count: int}\n  Counts issues. Open ones only.\n  repo: owner/name of it", signature.Full());
        Assert.Equal(["repo"], signature.Parameters);
    }

    [Fact]
    public void Names_become_identifiers_that_differ_where_the_names_do()
    {
        Assert.Equal(["a_b", "a_b_3", "a_b_2", "_1st", "list_", "import_", "gather_"], ProgramNames.For(["a_b", "a.b", "a-b", "1st", "list", "import", "gather"], areServers: true));
        Assert.Equal(["list", "import_"], ProgramNames.For(["list", "import"], areServers: false));
        var many = Enumerable.Range(0, 500).Select(static i => i % 2 == 0 ? $"t-{i / 2}" : $"t.{i / 2}").ToList();
        Assert.Equal(500, ProgramNames.For(many, areServers: false).Distinct(StringComparer.Ordinal).Count());
    }
}
