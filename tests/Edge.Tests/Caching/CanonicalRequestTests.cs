using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Edge.Caching.Keys;
using Gateway.Edge.Pipeline;

namespace Gateway.Edge.Tests.Caching;

/// <summary>Bodies that mean the same have one canonical form, and no others do.</summary>
public sealed class CanonicalRequestTests
{
    [Theory]
    [InlineData("1", "1.0", true)]
    [InlineData("1", "10e-1", true)]
    [InlineData("100", "1E2", true)]
    [InlineData("0", "-0.0e5", true)]
    [InlineData("0.7", "0.70", true)]
    [InlineData("-5", "-50e-1", true)]
    [InlineData("123456789012345678901234567890123456789012345", "123456789012345678901234567890123456789012345.0", true)]
    [InlineData("1", "-1", false)]
    [InlineData("0.1", "0.10000000000000001", false)]
    [InlineData("12345678901234567890", "12345678901234567891", false)]
    [InlineData("1e400", "1e401", false)]
    [InlineData("\"1\"", "1", false)]
    [InlineData("\"a\"", "\"A\"", false)]
    [InlineData("\"a\"", "\"a \"", false)]
    [InlineData("\"\\u0061\"", "\"a\"", true)]
    [InlineData("\"\\ud800\"", "\"\\\\ud800\"", false)]
    [InlineData("null", "\"null\"", false)]
    [InlineData("[1,2]", "[2,1]", false)]
    [InlineData("[[1],2]", "[1,[2]]", false)]
    [InlineData("{\"a\":1,\"b\":2}", "{\"b\":2,\"a\":1}", true)]
    [InlineData("{\"a\":1,\"a\":2}", "{\"a\":2}", false)]
    [InlineData("{\"a\":{\"b\":1}}", "{\"a\":{},\"b\":1}", false)]
    public void Values_are_the_same_or_not(string one, string other, bool same) => Assert.Equal(same, Hash($$"""{"x":{{one}}}""") == Hash($$"""{"x":{{other}}}"""));

    [Fact]
    public void The_order_of_members_and_the_form_of_numbers_and_strings_do_not_matter_and_every_change_does()
    {
        var random = new Random(20260901);
        for (var i = 0; i < 2_000; i++)
        {
            var value = Any(random, 4);
            var one = new JsonObject { ["v"] = value };
            var text = Write(one, random);
            Assert.True(Hash(one.ToJsonString()) == Hash(text), text);
            var changed = (JsonObject)one.DeepClone();
            changed["v"] = Change(changed["v"], random);
            Assert.False(Hash(one.ToJsonString()) == Hash(Write(changed, random)), $"{one.ToJsonString()} {changed.ToJsonString()}");
        }
    }

    [Fact]
    public void Anything_that_is_no_object_has_no_key()
    {
        foreach (var text in (string[])["", "[]", "1", "{", "{\"a\":", "{}x"])
        {
            Assert.False(RequestTokens.TryRead(Encoding.UTF8.GetBytes(text), 64, out var tokens));
            tokens.Dispose();
        }
    }

    private static CacheKey Hash(string json)
    {
        Assert.True(RequestTokens.TryRead(Encoding.UTF8.GetBytes(json), 64, out var tokens), json);
        var text = new HashText(16);
        try
        {
            CanonicalRequest.Write(tokens, IgnoredMembers.Of(OperationSpec.Chat), -1, ref text);
            return text.Hash();
        }
        finally
        {
            text.Dispose();
            tokens.Dispose();
        }
    }

    private static JsonNode? Any(Random random, int depth) => random.Next(depth > 0 ? 7 : 5) switch
    {
        0 => null,
        1 => JsonValue.Create(random.Next(2) == 0),
        2 => JsonValue.Create(random.Next(-1_000, 1_000)),
        3 => JsonValue.Create(Math.Round(random.NextDouble() * 10, 3)),
        4 => JsonValue.Create(Text(random)),
        5 => new JsonArray([.. Enumerable.Range(0, random.Next(4)).Select(_ => Any(random, depth - 1))]),
        _ => new JsonObject(Enumerable.Range(0, random.Next(random.Next(20) == 0 ? 90 : 5)).Select(i => KeyValuePair.Create($"{Text(random)}{i}", Any(random, depth - 1)))),
    };

    private static string Text(Random random) => string.Concat(Enumerable.Range(0, random.Next(6)).Select(_ => ((string[])["a", "B", "é", "\n", "\"", "😀", "0"])[random.Next(7)]));

    private static JsonNode? Change(JsonNode? node, Random random)
    {
        switch (node)
        {
            case JsonObject o:
                o["added" + random.Next(1_000_000).ToString(CultureInfo.InvariantCulture)] = 1;
                return o.DeepClone();
            case JsonArray a:
                a.Add("added");
                return a.DeepClone();
            case null:
                return false;
            default:
                return new JsonArray(node.DeepClone());
        }
    }

    /// <summary>Writes a value in another form that means the same.</summary>
    private static string Write(JsonNode? node, Random random)
    {
        switch (node)
        {
            case null:
                return "null";
            case JsonObject o:
                var members = o.ToArray();
                random.Shuffle(members);
                return $"{{ {string.Join(" ,", members.Select(m => $"{String(m.Key, random)} : {Write(m.Value, random)}"))} }}";
            case JsonArray a:
                return $"[{string.Join(", ", a.Select(i => Write(i, random)))}]";
            default:
                return node.GetValueKind() switch
                {
                    JsonValueKind.String => String(node.GetValue<string>(), random),
                    JsonValueKind.Number => Number(node.ToJsonString(), random),
                    _ => node.ToJsonString(),
                };
        }
    }

    private static string String(string text, Random random) =>
        "\"" + string.Concat(text.Select(c => c is '"' or < ' ' || (random.Next(3) == 0 && !char.IsSurrogate(c)) ? $"\\u{(int)c:x4}" : c.ToString())) + "\"";

    private static string Number(string number, Random random) => random.Next(4) switch
    {
        0 when !number.Contains('.', StringComparison.Ordinal) && !number.Contains('E', StringComparison.Ordinal) => number + ".000",
        1 when number.Contains('.', StringComparison.Ordinal) && !number.Contains('E', StringComparison.Ordinal) => number + "0e0",
        2 when !number.Contains('.', StringComparison.Ordinal) && !number.Contains('E', StringComparison.Ordinal) => number + "0e-1",
        _ => number,
    };
}
