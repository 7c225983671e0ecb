using System.Text;
using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using Gateway.Edge.Providers;

namespace Gateway.Edge.Tests.Providers;

public sealed class BodyEditsTests
{
    private static readonly BodyEdits _edits = BodyEdits.Create(new Dictionary<string, string> { ["max_completion_tokens"] = "max_tokens" }, ["user", "logit_bias"], [("v", "\"1\"")])!;

    [Theory]
    [InlineData("""{"model":"m","max_completion_tokens":5}""", """{"model":"m","max_tokens":5,"v":"1"}""", "")]
    [InlineData("""{"max_tokens":1,"max_completion_tokens":5}""", """{"max_tokens":1,"v":"1"}""", "")]
    [InlineData(""" { "user" : "u" , "a" : [ {"user":1} ], "logit_bias":{"1":2} } """, """{"a" : [ {"user":1} ],"v":"1"}""", "user logit_bias")]
    [InlineData("""{"user":"u"}""", """{"v":"1"}""", "user")]
    [InlineData("{}", """{"v":"1"}""", "")]
    [InlineData("""{"v":2,"text":"ü\ud800 \"max_completion_tokens\":"}""", """{"v":2,"text":"ü\ud800 \"max_completion_tokens\":"}""", "")]
    [InlineData("[1]", "[1]", "")]
    [InlineData("no json", "no json", "")]
    [InlineData("", "", "")]
    public void Only_top_level_members_are_edited_and_all_else_keeps_its_bytes(string body, string expected, string dropped)
    {
        Assert.Equal(expected, Encoding.UTF8.GetString(_edits.Apply(Encoding.UTF8.GetBytes(body), out var names).Span));
        Assert.Equal(dropped, string.Join(' ', names ?? []));
        Assert.Equal(dropped.Length == 0, names is null);
    }

    [Fact]
    public void Nothing_to_edit_gives_no_edits_and_the_same_memory()
    {
        Assert.Null(BodyEdits.Create(new Dictionary<string, string>(), [], []));
        ReadOnlyMemory<byte> body = Encoding.UTF8.GetBytes("""{"v":1}""");
        Assert.Equal(body, _edits.Apply(body));
    }

    [Fact]
    public void Members_that_are_not_named_survive_whatever_they_hold_and_a_second_pass_changes_nothing() => Prop.ForAll(
        ArbMap.Default.ArbFor<Dictionary<NonNull<string>, string?>>(),
        members =>
        {
            var json = new JsonObject(members.Select(static m => KeyValuePair.Create(m.Key.Get, (JsonNode?)JsonValue.Create(m.Value)))) { ["max_completion_tokens"] = 7, ["user"] = "u" };
            var once = _edits.Apply(Encoding.UTF8.GetBytes(json.ToJsonString()));
            json.Remove("max_completion_tokens");
            json.Remove("user");
            json.TryAdd("max_tokens", 7);
            json.TryAdd("v", "1");

            Assert.True(JsonNode.DeepEquals(json, JsonNode.Parse(once.Span)));
            Assert.Equal(once, _edits.Apply(once));
        }).QuickCheckThrowOnFailure();
}
