using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using Gateway.Contracts.Configuration;
using Gateway.Guardrails.Engine.Changes;
using Gateway.Guardrails.Engine.Json;
using Gateway.Guardrails.Engine.Policies;

namespace Gateway.Guardrails.Engine.Tests.Json;

/// <summary>Arguments and results of tools, changed in place.</summary>
public sealed class JsonGuardTests
{
    private static readonly JsonPlace _arguments = new(GuardrailScope.Mcp, GuardSource.Assistant, "crm/find");
    private static readonly JsonPlace _result = new(GuardrailScope.Mcp, GuardSource.Tool, "crm/find");

    [Fact]
    public void Strings_change_in_place_and_every_other_byte_stays()
    {
        const string json = """{ "who" : "Falc\u006fn 1", "n":1.50,  "list":["x\n", {"deep":"a falcon"}], "Falcon": null }""";

        var outcome = JsonGuard.Check(Utf8(json), JsonShape.Value, _arguments, Set(GuardrailAction.Redact))!;

        Assert.True(outcome.MayPass);
        Assert.Equal("""{ "who" : "[TERM] 1", "n":1.50,  "list":["x\n", {"deep":"a [TERM]"}], "[TERM]": null }""", Text(outcome.Json));
    }

    [Fact]
    public void What_no_rule_changes_is_the_same_memory_and_a_blocked_value_may_not_pass()
    {
        var json = Utf8("""{"a":"nothing"}""");
        Assert.True(JsonGuard.Check(json, JsonShape.Value, _arguments, Set(GuardrailAction.Redact))!.Json.Equals(json));

        var blocked = JsonGuard.Check(Utf8("""{"a":"the falcon"}"""), JsonShape.Value, _arguments, Set(GuardrailAction.Block))!;
        Assert.False(blocked.MayPass);
        Assert.Equal(GuardVerdict.Block, blocked.Outcome.Verdict);
        Assert.Null(JsonGuard.Check(Utf8("no json"), JsonShape.Value, _arguments, Set(GuardrailAction.Block)));
        Assert.Null(JsonGuard.Check(Utf8(new string('[', 300) + new string(']', 300)), JsonShape.Value, _arguments, Set(GuardrailAction.Block)));
    }

    [Fact]
    public void Of_a_result_the_texts_are_looked_at_and_media_are_not()
    {
        const string json = """{"content":[{"type":"text","text":"the falcon"},{"type":"image","data":"falcon","mimeType":"image/png"},{"type":"resource","resource":{"uri":"file:///falcon","mimeType":"text/plain","text":"falcon"}}],"structuredContent":{"name":"falcon"},"isError":false}""";

        var outcome = JsonGuard.Check(Utf8(json), JsonShape.ToolResult, _result, Set(GuardrailAction.Mask))!;

        Assert.True(outcome.HasMedia);
        Assert.Equal(
            """{"content":[{"type":"text","text":"the ******"},{"type":"image","data":"falcon","mimeType":"image/png"},{"type":"resource","resource":{"uri":"file:///******","mimeType":"text/plain","text":"******"}}],"structuredContent":{"name":"******"},"isError":false}""",
            Text(outcome.Json));
    }

    [Fact]
    public void The_name_of_a_member_is_context_of_what_it_holds()
    {
        var set = new PolicySet([Streaming.Compile(new GuardrailRuleEntry { Detector = "regex", Patterns = ["[0-9]{5}"], Context = ["badge"], Action = GuardrailAction.Redact, Scopes = [GuardrailScope.Mcp] })]);

        Assert.DoesNotContain("12345", Text(JsonGuard.Check(Utf8("""{"badge":"12345"}"""), JsonShape.Value, _arguments, set)!.Json), StringComparison.Ordinal);
        Assert.Contains("12345", Text(JsonGuard.Check(Utf8("""{"other":"12345"}"""), JsonShape.Value, _arguments, set)!.Json), StringComparison.Ordinal);
    }

    [Fact]
    public void Only_rules_of_the_scope_look()
    {
        var elsewhere = new PolicySet([Streaming.Compile(new GuardrailRuleEntry { Detector = "keywords", Terms = ["falcon"], Action = GuardrailAction.Block })]);

        Assert.True(JsonGuard.Check(Utf8("""{"a":"falcon"}"""), JsonShape.Value, _arguments, elsewhere)!.MayPass);
    }

    [Fact]
    public void Rules_over_calls_know_the_tool()
    {
        var set = new PolicySet([Streaming.Compile(new GuardrailRuleEntry { Detector = "tool_calls", Allow = ["crm/*"], Action = GuardrailAction.Block, Scopes = [GuardrailScope.Mcp] })]);

        Assert.True(JsonGuard.Check(Utf8("{\"a\":1}"), JsonShape.Value, _arguments, set)!.MayPass);
        Assert.False(JsonGuard.Check(Utf8("{\"a\":1}"), JsonShape.Value, _arguments with { Tool = "shell/run" }, set)!.MayPass);
    }

    [Fact]
    public void What_is_taken_out_of_any_value_comes_back_and_it_stays_JSON()
    {
        string[] words = ["falcon", "Falcon", "\"", "\\", "\n", "🙂", "日本", " ", "x", "[TERM_1]", "\u0001", "</b>"];
        var values = from picks in Gen.ArrayOf(Gen.Choose(0, words.Length - 1), 40) from members in Gen.Choose(1, 6) select (picks, members);
        Prop.ForAll(values.ToArbitrary(), one =>
        {
            var json = new JsonObject();
            for (var i = 0; i < one.members; i++)
            {
                json["m" + i] = new JsonArray(string.Concat(one.picks.Skip(i * 6).Take(6).Select(p => words[p])), i, new JsonObject { ["deep"] = words[one.picks[i]] });
            }

            var given = Utf8(json.ToJsonString());
            var substitutes = new TextSubstitutes(new byte[] { 1, 2, 3 });
            var outcome = JsonGuard.Check(given, JsonShape.Value, _arguments, Set(GuardrailAction.Pseudonymize), new GuardContext { Substitutes = substitutes })!;
            using var parsed = JsonDocument.Parse(outcome.Json);
            var restored = JsonGuard.Restore(outcome.Json, new PseudonymRestorer(substitutes.Pseudonyms));

            // What stood there as a pseudonym before is not told apart from one that was given out.
            if (!json.ToJsonString().Contains("TERM_1", StringComparison.Ordinal))
            {
                Assert.True(JsonNode.DeepEquals(JsonNode.Parse(restored.Span), json));
            }
        }).QuickCheckThrowOnFailure();
    }

    private static PolicySet Set(GuardrailAction action) =>
        new([Streaming.Compile(new GuardrailRuleEntry { Detector = "keywords", Terms = ["falcon"], Action = action, Scopes = [GuardrailScope.Mcp] })]);

    private static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);

    private static string Text(ReadOnlyMemory<byte> json) => Encoding.UTF8.GetString(json.Span);
}
