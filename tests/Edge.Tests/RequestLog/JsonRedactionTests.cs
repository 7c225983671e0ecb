using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Edge.RequestLog.Bodies;

namespace Gateway.Edge.Tests.RequestLog;

public sealed class JsonRedactionTests
{
    private const string Mail = "anna.b@example.org";
    private const string Key = "sk-abcdefgh12345678";

    [Theory]
    [InlineData("""{"a":"write to anna.b@example.org now"}""", """{"a":"write to [GONE] now"}""")]
    [InlineData("""{"a":"anna.b\u0040example.org"}""", """{"a":"[GONE]"}""")]
    [InlineData("""{"anna.b@example.org":1}""", """{"[GONE]":1}""")]
    [InlineData("""{"card":4111111111111111,"n":12,"t":[true,null]}""", """{"card":"[GONE]","n":12,"t":[true,null]}""")]
    [InlineData("""{"arguments":"{\"to\":\"anna.b\\u0040example.org\",\"deep\":\"[\\\"sk-abcdefgh12345678\\\"]\"}"}""", """{"arguments":"{\"to\":\"[GONE]\",\"deep\":\"[\\\"[GONE]\\\"]\"}"}""")]
    [InlineData("""{"input":[[15339,1917,3],[15339,1917,3,4,5]]}""", """{"input":[[15339,1917,3],"[left out: 5 numbers]"]}""")]
    [InlineData("""{"logprobs":{"content":[{"token":"an"}]},"z":1}""", """{"z":1}""")]
    [InlineData("""{"image_url":"data:image/png;base64,iVBORw0KGgo="}""", """{"image_url":"[left out: data, 34 characters]"}""")]
    [InlineData("""{"a":"{broken anna.b@example.org"}""", """{"a":"{broken [GONE]"}""")]
    [InlineData("""[]""", "[]")]
    public void Every_text_is_redacted_wherever_it_hides(string json, string expected) =>
        Assert.Equal(expected, new JsonRedaction(new PatternRedactor(), 65_536).Copy(Encoding.UTF8.GetBytes(json), isWhole: true));

    [Fact]
    public void Whatever_a_body_is_cut_to_the_copy_is_json_and_holds_no_secret()
    {
        var random = new Random(7);
        for (var i = 0; i < 300; i++)
        {
            var json = Encoding.UTF8.GetBytes(Random(random, 0)!.ToJsonString(i % 2 == 0 ? null : new JsonSerializerOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }));
            var length = random.Next(json.Length + 1);
            var copy = new JsonRedaction(new PatternRedactor(), random.Next(20, 2_000));
            var text = copy.Copy(json.AsSpan(0, length), isWhole: length == json.Length);
            foreach (var secret in (string[])[Mail, Key, "4111111111111111"])
            {
                Assert.DoesNotContain(secret, text, StringComparison.Ordinal);
            }

            if (text.Length > 0)
            {
                using var parsed = JsonDocument.Parse(text);
            }

            Assert.True(length == json.Length || copy.IsCut);
        }
    }

    [Fact]
    public void A_long_body_is_cut_after_it_is_redacted_and_says_so()
    {
        var json = $$"""{"a":"{{new string('x', 900)}} {{Mail}} {{new string('ä', 5000)}}","b":"later"}""";
        var copy = new JsonRedaction(new PatternRedactor(), 1024);
        var text = copy.Copy(Encoding.UTF8.GetBytes(json), isWhole: true);
        Assert.True(copy.IsCut);
        Assert.InRange(Encoding.UTF8.GetByteCount(text), 900, 1100);
        Assert.Contains("[GONE]", text, StringComparison.Ordinal);
        Assert.DoesNotContain("anna", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("no json at all anna.b@example.org")]
    [InlineData("<xml/>")]
    public void What_is_no_json_is_not_kept(string body)
    {
        var copy = new JsonRedaction(new PatternRedactor(), 1024);
        Assert.Equal("", copy.Copy(Encoding.UTF8.GetBytes(body), isWhole: true));
    }

    [Fact]
    public void Nothing_is_kept_that_could_not_be_redacted()
    {
        var copy = new JsonRedaction(new Refusing(), 1024);
        var text = copy.Copy("""{"role":"user","content":"private"}"""u8, isWhole: true);
        Assert.DoesNotContain("private", text, StringComparison.Ordinal);
        Assert.DoesNotContain("role", text, StringComparison.Ordinal);
    }

    private static JsonNode? Random(Random random, int depth) => random.Next(depth > 3 ? 4 : 7) switch
    {
        0 => JsonValue.Create($"text {Mail} of {new string('y', random.Next(50))}"),
        1 => JsonValue.Create(Key),
        2 => JsonValue.Create(4111111111111111),
        3 => JsonValue.Create($$"""{"inner":"{{Mail}}","more":["{{Key}}"]}"""),
        4 => new JsonArray([.. Enumerable.Range(0, random.Next(5)).Select(_ => Random(random, depth + 1))]),
        _ => new JsonObject(Enumerable.Range(0, random.Next(5)).Select(i => KeyValuePair.Create($"{(i == 0 ? Mail : "name")}{i}", Random(random, depth + 1)))),
    };

    private sealed class Refusing : IBodyRedactor
    {
        public string? Redact(string text, ref int places) => null;
    }
}
