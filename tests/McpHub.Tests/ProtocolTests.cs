using System.Text;
using System.Text.Json.Nodes;
using Gateway.McpHub.Catalogue;
using Gateway.McpHub.Protocol;
using Gateway.McpHub.Serving;
using Gateway.McpHub.Upstreams;

namespace Gateway.McpHub.Tests;

/// <summary>The small parts that every message goes through.</summary>
public sealed class ProtocolTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Events_are_read_alike_however_the_network_cuts_them()
    {
        var text = Encoding.UTF8.GetBytes(": hello\r\n\r\nid: 1\r\nretry: 250\ndata: {\"a\":\"ä😀\"}\n\nevent: endpoint\rdata: /x\r\rdata: one\ndata:two\n\ndata: cut off");
        var random = new Random(7);
        for (var round = 0; round < 200; round++)
        {
            using var reader = new EventReader(new Trickle(text, random), 1000);
            List<string> read = [];
            while (await reader.ReadAsync(Cancel) is { } found)
            {
                read.Add($"{found.Name}|{Encoding.UTF8.GetString(found.Data.Span)}|{found.Id}|{found.Retry?.TotalMilliseconds}");
            }

            Assert.Equal(["message|{\"a\":\"ä😀\"}|1|250", "endpoint|/x||", "message|one\ntwo||"], read);
        }
    }

    [Fact]
    public async Task Lines_that_are_too_long_are_skipped_and_their_ends_kept()
    {
        var text = Encoding.UTF8.GetBytes("first\n{\"id\":1," + new string('x', 50_000) + ",\"id\":42}\nlast");
        var random = new Random(7);
        for (var round = 0; round < 20; round++)
        {
            using var reader = new LineReader(new Trickle(text, random), 1000) { SkipsLong = true };
            Assert.Equal("first", Encoding.UTF8.GetString((await reader.ReadAsync(Cancel))!.Value.Span));
            Assert.True((await reader.ReadAsync(Cancel))!.Value.IsEmpty);
            Assert.EndsWith("\"id\":42}", Encoding.UTF8.GetString(reader.Skipped!), StringComparison.Ordinal);
            Assert.Equal("last", Encoding.UTF8.GetString((await reader.ReadAsync(Cancel))!.Value.Span));
            Assert.Null(await reader.ReadAsync(Cancel));
        }
    }

    [Theory]
    [InlineData("""{"a":1,"b":2}""", "b", "3", """{"a":1,"b":3}""")]
    [InlineData("""{"b":1,"a":2,"b":3}""", "b", "4", """{"b":4,"a":2}""")]
    [InlineData("""{ "a" : [1.50, {"b":1}] }""", "b", "4", """{"a" : [1.50, {"b":1}],"b":4}""")]
    [InlineData("{}", "b", "4", """{"b":4}""")]
    [InlineData("""{"\u0062":1}""", "b", "", "{}")]
    public void A_member_is_set_and_the_rest_keeps_its_bytes(string json, string name, string value, string expected)
        => Assert.Equal(expected, Encoding.UTF8.GetString(JsonBytes.With(Encoding.UTF8.GetBytes(json), Encoding.UTF8.GetBytes(name), Encoding.UTF8.GetBytes(value))));

    [Theory]
    [InlineData("{}", "{}")]
    [InlineData("""{"content":[],"_meta":{"gateway/cost-nano-usd":0}}""", """{"content":[],"_meta":{}}""")]
    [InlineData("""{"_meta":{"gateway/a":{"b":[1,"}"]},"com.example/k":1},"x":1}""", """{"_meta":{"com.example/k":1},"x":1}""")]
    [InlineData("""{"_meta":{"k":1 , "gateway/a":2 , "gateway/b":3 }}""", """{"_meta":{"k":1  }}""")]
    [InlineData("""{"_meta":{"gateway/a":1},"_meta":{"k":1}}""", """{"_meta":{},"_meta":{"k":1}}""")]
    [InlineData("""{"content":[{"type":"text","text":"gateway/","_meta":{"g\u0061teway/refusal":"x","k":[{}]}}]}""", """{"content":[{"type":"text","text":"gateway/","_meta":{"k":[{}]}}]}""")]
    [InlineData("""{"structuredContent":{"\u005fmeta":{"gateway\/refusal":1}}}""", """{"structuredContent":{"\u005fmeta":{}}}""")]
    [InlineData("""{"gateway/a":1,"_meta":[{"gateway/b":2}],"text":"\"_meta\":{\"gateway/c\":3}"}""", """{"gateway/a":1,"_meta":[{"gateway/b":2}],"text":"\"_meta\":{\"gateway/c\":3}"}""")]
    public void A_server_cannot_speak_with_the_hubs_voice(string json, string expected)
        => Assert.Equal(expected, Encoding.UTF8.GetString(ReservedMeta.Without(Encoding.UTF8.GetBytes(json)).Span));

    [Theory]
    [InlineData("""{"code":1,"message":"gateway/","data":{"gateway/may-have-run":true,"fault":"x"}}""", """{"code":1,"message":"gateway/","data":{"fault":"x"}}""")]
    [InlineData("""{"d\u0061ta":{"gat\u0065way/refusal":1},"_meta":{"gateway/refusal":1}}""", """{"d\u0061ta":{},"_meta":{}}""")]
    [InlineData("""{"data":{"deep":{"data":{"gateway/a":1},"gateway/a":1}}}""", """{"data":{"deep":{"data":{"gateway/a":1},"gateway/a":1}}}""")]
    [InlineData("""{"data":["gateway/a",{"gateway/a":1}],"gateway/a":1}""", """{"data":["gateway/a",{"gateway/a":1}],"gateway/a":1}""")]
    [InlineData("""{"data":{"gateway/a":1},"data":{"gateway/b":1,"k":2}}""", """{"data":{},"data":{"k":2}}""")]
    public void An_error_cannot_either(string json, string expected)
        => Assert.Equal(expected, Encoding.UTF8.GetString(ReservedMeta.Without(Encoding.UTF8.GetBytes(json), isError: true).Span));

    [Theory]
    [InlineData("""{"_meta":{"\ud800":1,"k":2}}""", """{"_meta":{"k":2}}""")]
    [InlineData("""{"_meta":{"\udc00gateway/a":1,"k":2},"\ud800":3,"\ud800me":{"gateway/a":4}}""", """{"_meta":{"k":2},"\ud800":3,"\ud800me":{"gateway/a":4}}""")]
    [InlineData("""{"_meta":{"\ud83d\ude00":1}}""", """{"_meta":{"\ud83d\ude00":1}}""")]
    public void Names_with_half_a_character_are_nobodys_words(string json, string expected)
        => Assert.Equal(expected, Encoding.UTF8.GetString(ReservedMeta.Without(Encoding.UTF8.GetBytes(json)).Span));

    [Fact]
    public void What_is_left_of_any_message_is_the_message_without_the_hubs_members()
    {
        var random = new Random(11);
        for (var round = 0; round < 2000; round++)
        {
            var json = Any(random, 0)!;
            var stripped = JsonNode.Parse(ReservedMeta.Without(Encoding.UTF8.GetBytes(json.ToJsonString(random.Next(2) == 0 ? null : new() { WriteIndented = true }))).Span);
            Expect(json, false);
            Assert.True(JsonNode.DeepEquals(json, stripped), json.ToJsonString());
        }

        static JsonNode? Any(Random random, int depth) => depth == 5 ? JsonValue.Create("gateway/") : random.Next(4) switch
        {
            0 => JsonValue.Create(random.Next(100)),
            1 => new JsonArray([.. Enumerable.Range(0, random.Next(3)).Select(_ => Any(random, depth + 1))]),
            _ => new JsonObject(Enumerable.Range(0, random.Next(4)).Select(_ => (string[])["_meta", "gateway/a", "gateway/b", "x", "gateway"])
                .Select(names => names[random.Next(names.Length)]).Distinct().Select(name => KeyValuePair.Create(name, Any(random, depth + 1)))),
        };

        static void Expect(JsonNode? node, bool isMeta)
        {
            if (node is JsonObject members)
            {
                foreach (var name in members.Select(static m => m.Key).Where(n => isMeta && n.StartsWith("gateway/", StringComparison.Ordinal)).ToList())
                {
                    members.Remove(name);
                }

                foreach (var (name, value) in members)
                {
                    Expect(value, name == "_meta");
                }
            }
            else if (node is JsonArray list)
            {
                foreach (var value in list)
                {
                    Expect(value, false);
                }
            }
        }
    }

    [Theory]
    [InlineData("{", -32700)]
    [InlineData("\u00ff{}", -32700)]
    [InlineData("""{"jsonrpc":"2.0","method":"a","id":1} x""", -32700)]
    [InlineData("""{"jsonrpc":"2.0","method":"a","method":"b","id":1}""", -32600)]
    [InlineData("""{"jsonrpc":"2.0","method":"a","id":null}""", -32600)]
    [InlineData("""{"jsonrpc":"2.0","method":"a","id":1,"params":[]}""", -32600)]
    [InlineData("""{"jsonrpc":"2.0","id":1}""", -32600)]
    public void What_is_no_message_is_told(string json, int code)
        => Assert.Equal((RpcKind.Bad, code), (RpcMessage.Read(Encoding.Latin1.GetBytes(json)).Kind, RpcMessage.Read(Encoding.Latin1.GetBytes(json)).Problem));

    [Fact]
    public void Deep_nesting_ends_and_does_not_overflow()
        => Assert.Equal(RpcKind.Bad, RpcMessage.Read(Encoding.ASCII.GetBytes("""{"jsonrpc":"2.0","id":1,"result":{"a":""" + new string('[', 100_000))).Kind);

    [Fact]
    public void Public_names_are_legal_and_never_fall_together()
    {
        var names = new[] { "a.b", "a_b", "a/b", new string('x', 70), new string('x', 71), "ä", "" }.Select(n => ToolNames.Public("srv", n)).ToList();

        Assert.Equal(names.Count, names.Distinct().Count());
        Assert.All(names, n => Assert.Matches("^[A-Za-z0-9_-]{1,64}$", n));
        Assert.Equal("srv__read_file", ToolNames.Public("srv", "read_file"));
    }

    [Theory]
    [InlineData("us-west1", "us-west1")]
    [InlineData(" padded ", "=?base64?IHBhZGRlZCA=?=")]
    [InlineData("Hello, 世界", "=?base64?SGVsbG8sIOS4lueVjA==?=")]
    [InlineData("line1\nline2", "=?base64?bGluZTEKbGluZTI=?=")]
    [InlineData("=?base64?literal?=", "=?base64?PT9iYXNlNjQ/bGl0ZXJhbD89?=")]
    public void Header_values_are_encoded_as_the_protocol_says(string value, string header)
    {
        Assert.Equal(header, MirroredHeaders.Encode(value));
        Assert.Equal(value, MirroredHeaders.Decode(header));
    }

    [Theory]
    [InlineData("""{"region":{"type":"string","x-mcp-header":"Region"},"deep":{"type":"object","properties":{"n":{"type":"integer","x-mcp-header":"N"}}}}""", true)]
    [InlineData("""{"a":{"type":"string","x-mcp-header":""}}""", false)]
    [InlineData("""{"a":{"type":"string","x-mcp-header":"A B"}}""", false)]
    [InlineData("""{"a":{"type":"number","x-mcp-header":"A"}}""", false)]
    [InlineData("""{"a":{"type":"string","x-mcp-header":"A"},"b":{"type":"string","x-mcp-header":"a"}}""", false)]
    [InlineData("""{"a":{"type":"array","items":{"type":"string","x-mcp-header":"A"}}}""", false)]
    [InlineData("""{"a":{"anyOf":[{"type":"string","x-mcp-header":"A"}]}}""", false)]
    public void Headers_of_tools_are_taken_where_the_protocol_allows_them(string properties, bool isLegal)
    {
        var definition = Encoding.UTF8.GetBytes(new JsonObject { ["name"] = "t", ["inputSchema"] = new JsonObject { ["type"] = "object", ["properties"] = JsonNode.Parse(properties) } }.ToJsonString());
        Assert.Equal(isLegal, ToolHeaders.Of(definition, out _) is null);
    }

    [Theory]
    [InlineData("file:///{+path}", "file:///a/b", true)]
    [InlineData("x://{a}/y/{b}", "x://1/y/2", true)]
    [InlineData("x://{a}/y/{b}", "x://1/z/2", false)]
    [InlineData("x://a", "x://a", true)]
    [InlineData("x://{a", "x://1", false)]
    public void Uris_fit_their_templates(string template, string uri, bool fits) => Assert.Equal(fits, UriTemplates.Fits(template, uri));

    [Theory]
    [InlineData("*", "anything", true)]
    [InlineData("a*c", "abc", true)]
    [InlineData("a*c", "ac", true)]
    [InlineData("a*c", "abd", false)]
    [InlineData("a*b*c", "aXbYc", true)]
    [InlineData("ab*ba", "aba", false)]
    public void Patterns_fit(string pattern, string text, bool fits) => Assert.Equal(fits, BundlePatterns.Fits(pattern, text));

    /// <summary>Gives a few bytes at a time.</summary>
    private sealed class Trickle(byte[] all, Random random) : MemoryStream(all)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
            => base.ReadAsync(buffer[..Math.Min(buffer.Length, random.Next(1, Length > 1000 ? 5000 : 9))], cancellationToken);
    }
}
