using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Edge.Providers.Demo;

namespace Gateway.Edge.Tests.Providers;

public sealed class DemoHandlerTests : IDisposable
{
    private const string Hello = """{"model":"demo","messages":[{"role":"system","content":"Be kind."},{"role":"user","content":"Hello there, wörld 🙂"}]}""";
    private readonly HttpMessageInvoker _demo = new(new DemoHandler(TimeProvider.System, TimeSpan.Zero));

    public void Dispose() => _demo.Dispose();

    [Fact]
    public async Task A_chat_says_what_it_is_and_echoes_the_request()
    {
        var answer = await PostAsync("chat/completions", Hello);

        Assert.Equal("chat.completion", (string?)answer["object"]);
        Assert.Equal("demo", (string?)answer["model"]);
        var choice = answer["choices"]![0]!;
        Assert.Equal("assistant", (string?)choice["message"]!["role"]);
        var text = (string)choice["message"]!["content"]!;
        Assert.Contains("built-in demo model", text, StringComparison.Ordinal);
        Assert.Contains("does not think", text, StringComparison.Ordinal);
        Assert.Contains("2 messages", text, StringComparison.Ordinal);
        Assert.Contains("\"Hello there, wörld 🙂\"", text, StringComparison.Ordinal);
        Assert.Contains("OPENAI_API_KEY", text, StringComparison.Ordinal);
        Assert.Equal("stop", (string?)choice["finish_reason"]);
        AssertUsageAddsUp(answer["usage"]!);
    }

    [Fact]
    public async Task A_stream_gives_the_same_text_and_usage_word_by_word()
    {
        var whole = await PostAsync("chat/completions", Hello);
        var events = await StreamAsync("chat/completions", With(Hello, ("stream", true), ("stream_options", new JsonObject { ["include_usage"] = true })));

        Assert.Equal("[DONE]", events[^1]);
        var chunks = events[..^1].Select(e => JsonNode.Parse(e)!).ToList();
        Assert.All(chunks, c => Assert.Equal("chat.completion.chunk", (string?)c["object"]));
        Assert.Single(chunks.Select(c => (string?)c["id"]).Distinct());
        Assert.Equal("assistant", (string?)chunks[0]["choices"]![0]!["delta"]!["role"]);
        var text = string.Concat(chunks.SelectMany(c => c["choices"]!.AsArray()).Select(c => (string?)c!["delta"]!["content"]));
        Assert.Equal((string?)whole["choices"]![0]!["message"]!["content"], text);
        Assert.True(chunks.Count > 30, $"{chunks.Count} chunks");
        Assert.Equal("stop", (string?)chunks[^2]["choices"]![0]!["finish_reason"]);
        Assert.Empty(chunks[^1]["choices"]!.AsArray());
        Assert.Equal(whole["usage"]!.ToJsonString(), chunks[^1]["usage"]!.ToJsonString());
        Assert.All(chunks[..^1], c => Assert.True(c.AsObject().ContainsKey("usage") && c["usage"] is null));
    }

    [Fact]
    public async Task A_stream_without_the_option_has_no_usage()
    {
        var events = await StreamAsync("chat/completions", With(Hello, ("stream", true)));

        Assert.All(events[..^1], e => Assert.False(JsonNode.Parse(e)!.AsObject().ContainsKey("usage")));
        Assert.NotEmpty(JsonNode.Parse(events[^2])!["choices"]!.AsArray());
    }

    [Theory]
    [InlineData("max_tokens", 5)]
    [InlineData("max_completion_tokens", 1)]
    public async Task A_token_limit_cuts_the_text_and_says_length(string name, int limit)
    {
        var answer = await PostAsync("chat/completions", With(Hello, (name, limit)));
        var events = await StreamAsync("chat/completions", With(Hello, (name, limit), ("stream", true)));

        Assert.Equal("length", (string?)answer["choices"]![0]!["finish_reason"]);
        Assert.Equal(limit, (int)answer["usage"]!["completion_tokens"]!);
        Assert.Equal("length", (string?)JsonNode.Parse(events[^2])!["choices"]![0]!["finish_reason"]);
        Assert.Equal(limit + 3, events.Count);
    }

    [Fact]
    public async Task Stop_and_n_are_honoured()
    {
        var answer = await PostAsync("chat/completions", With(Hello, ("stop", new JsonArray("demo")), ("n", 3)));

        Assert.Equal(3, answer["choices"]!.AsArray().Count);
        Assert.EndsWith("built-in ", (string?)answer["choices"]![2]!["message"]!["content"], StringComparison.Ordinal);
        AssertUsageAddsUp(answer["usage"]!);
    }

    [Fact]
    public async Task Content_parts_are_read_and_attachments_counted()
    {
        var answer = await PostAsync("chat/completions", """{"messages":[{"role":"user","content":[{"type":"text","text":"see"},{"type":"image_url","image_url":{"url":"data:"}}]}]}""");

        var text = (string)answer["choices"]![0]!["message"]!["content"]!;
        Assert.Contains("1 message with 1 attachment", text, StringComparison.Ordinal);
        Assert.Contains("\"see\"", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"required\"", "find")]
    [InlineData("{\"type\":\"function\",\"function\":{\"name\":\"book\"}}", "book")]
    public async Task A_demanded_tool_is_called_with_arguments_of_its_shape(string choice, string expected)
    {
        var request = With(Hello, ("tools", JsonNode.Parse(Tools)), ("tool_choice", JsonNode.Parse(choice)));

        var answer = await PostAsync("chat/completions", request);
        var call = answer["choices"]![0]!["message"]!["tool_calls"]![0]!;
        Assert.Equal("tool_calls", (string?)answer["choices"]![0]!["finish_reason"]);
        Assert.Null(answer["choices"]![0]!["message"]!["content"]);
        Assert.Equal(expected, (string?)call["function"]!["name"]);
        var arguments = JsonNode.Parse((string)call["function"]!["arguments"]!)!;
        if (expected == "find")
        {
            Assert.Equal("""{"city":"demo","unit":"celsius","days":3,"exact":true,"near":[{"lat":-90,"lon":1}],"when":"2030-01-31","note":"x"}""", arguments.ToJsonString());
        }

        var events = await StreamAsync("chat/completions", With(request, ("stream", true)));
        var deltas = events[..^1].SelectMany(e => JsonNode.Parse(e)!["choices"]!.AsArray()).Select(c => c!["delta"]!).ToList();
        Assert.Equal(expected, (string?)deltas[0]["tool_calls"]![0]!["function"]!["name"]);
        var streamed = string.Concat(deltas.Where(d => d["tool_calls"] is not null).Select(d => (string?)d["tool_calls"]![0]!["function"]!["arguments"]));
        Assert.Equal((string?)call["function"]!["arguments"], streamed);
        Assert.Equal("tool_calls", (string?)JsonNode.Parse(events[^2])!["choices"]![0]!["finish_reason"]);
    }

    [Fact]
    public async Task Offered_tools_are_named_but_not_called()
    {
        var answer = await PostAsync("chat/completions", With(Hello, ("tools", JsonNode.Parse(Tools)), ("tool_choice", "auto")));

        Assert.Contains("find, book", (string?)answer["choices"]![0]!["message"]!["content"], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"type":"json_object"}""", "messages")]
    [InlineData("""{"type":"json_schema","json_schema":{"name":"n","schema":{"type":"object","properties":{"answer":{"type":"integer"}}}}}""", "answer")]
    public async Task A_demanded_json_format_is_kept(string format, string member)
    {
        var answer = await PostAsync("chat/completions", With(Hello, ("response_format", JsonNode.Parse(format))));

        Assert.NotNull(JsonNode.Parse((string)answer["choices"]![0]!["message"]!["content"]!)![member]);
    }

    [Fact]
    public async Task A_schema_that_refers_to_itself_ends()
    {
        var tools = """[{"type":"function","function":{"name":"f","parameters":{"type":"object","properties":{"a":{"$ref":"#"},"b":{"$ref":"#"},"c":{"$ref":"#/x"}}}}}]""";

        var answer = await PostAsync("chat/completions", With(Hello, ("tools", JsonNode.Parse(tools)), ("tool_choice", "required")));

        Assert.NotNull(JsonNode.Parse((string)answer["choices"]![0]!["message"]!["tool_calls"]![0]!["function"]!["arguments"]!));
    }

    [Fact]
    public async Task Completions_answer_each_prompt()
    {
        var answer = await PostAsync("completions", """{"model":"demo","prompt":["one","two words"]}""");

        Assert.Equal("text_completion", (string?)answer["object"]);
        Assert.Contains("\"two words\"", (string?)answer["choices"]![1]!["text"], StringComparison.Ordinal);
        AssertUsageAddsUp(answer["usage"]!);

        var events = await StreamAsync("completions", """{"prompt":[1,2,3],"stream":true,"max_tokens":4}""");
        Assert.Equal("[DONE]", events[^1]);
        Assert.Equal(6, events.Count);
        Assert.Equal("length", (string?)JsonNode.Parse(events[^2])!["choices"]![0]!["finish_reason"]);
    }

    [Fact]
    public async Task Embeddings_are_unit_vectors_that_depend_on_the_text_alone()
    {
        var answer = await PostAsync("embeddings", """{"model":"demo","input":["the cat sat","the cat sat down","quarterly revenue report","the cat sat","!"]}""");
        var vectors = answer["data"]!.AsArray().Select(d => d!["embedding"]!.AsArray().Select(v => (float)v!).ToArray()).ToList();

        Assert.Equal("list", (string?)answer["object"]);
        Assert.Equal([0, 1, 2, 3, 4], answer["data"]!.AsArray().Select(d => (int)d!["index"]!));
        Assert.All(vectors, v => Assert.Equal(384, v.Length));
        Assert.All(vectors, v => Assert.Equal(1, Dot(v, v), 4));
        Assert.Equal(vectors[0], vectors[3]);
        Assert.True(Dot(vectors[0], vectors[1]) > 0.5);
        Assert.True(Dot(vectors[0], vectors[2]) < 0.3);
        Assert.Equal((int)answer["usage"]!["prompt_tokens"]!, (int)answer["usage"]!["total_tokens"]!);
    }

    [Fact]
    public async Task Embeddings_honour_dimensions_and_base64()
    {
        var plain = await PostAsync("embeddings", """{"input":"some text","dimensions":64}""");
        var packed = await PostAsync("embeddings", """{"input":"some text","dimensions":64,"encoding_format":"base64"}""");

        var bytes = Convert.FromBase64String((string)packed["data"]![0]!["embedding"]!);
        var unpacked = Enumerable.Range(0, bytes.Length / 4).Select(i => BitConverter.ToSingle(bytes, i * 4));
        Assert.Equal(plain["data"]![0]!["embedding"]!.AsArray().Select(v => (float)v!), unpacked);
        Assert.Equal(64 * 4, bytes.Length);
    }

    [Theory]
    [InlineData("chat/completions", "", "invalid_json", null)]
    [InlineData("chat/completions", "{", "invalid_json", null)]
    [InlineData("chat/completions", "[]", "invalid_json", null)]
    [InlineData("chat/completions", "{\"messages\":[{\"role\":\"user\",\"content\":\"\\ud800\"}]}", "invalid_json", null)]
    [InlineData("chat/completions", "{}", "missing_required_parameter", "messages")]
    [InlineData("chat/completions", "{\"messages\":[]}", "missing_required_parameter", "messages")]
    [InlineData("chat/completions", "{\"messages\":[3]}", "invalid_value", "messages[0]")]
    [InlineData("chat/completions", "{\"messages\":[{\"role\":\"user\",\"content\":{}}]}", "invalid_value", "messages[0].content")]
    [InlineData("chat/completions", "{\"messages\":[{\"role\":\"user\",\"content\":\"x\"}],\"max_tokens\":0}", "invalid_value", "max_tokens")]
    [InlineData("chat/completions", "{\"messages\":[{\"role\":\"user\",\"content\":\"x\"}],\"stream\":\"yes\"}", "invalid_value", "stream")]
    [InlineData("chat/completions", "{\"messages\":[{\"role\":\"user\",\"content\":\"x\"}],\"tools\":{}}", "invalid_value", "tools")]
    [InlineData("chat/completions", "{\"messages\":[{\"role\":\"user\",\"content\":\"x\"}],\"tool_choice\":\"required\"}", "invalid_value", "tool_choice")]
    [InlineData("chat/completions", "{\"messages\":[{\"role\":\"user\",\"content\":\"x\"}],\"stop\":5}", "invalid_value", "stop")]
    [InlineData("completions", "{}", "missing_required_parameter", "prompt")]
    [InlineData("completions", "{\"prompt\":[true]}", "invalid_value", "prompt")]
    [InlineData("embeddings", "{\"input\":\"\"}", "invalid_value", "input")]
    [InlineData("embeddings", "{\"input\":\"x\",\"dimensions\":0}", "invalid_value", "dimensions")]
    [InlineData("embeddings", "{\"input\":\"x\",\"encoding_format\":\"hex\"}", "invalid_value", "encoding_format")]
    public async Task Malformed_input_is_a_400_of_the_dialect(string path, string body, string code, string? param)
    {
        using var response = await SendAsync(path, body);
        var error = JsonNode.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!["error"]!;

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal((code, param, "invalid_request_error"), ((string?)error["code"], (string?)error["param"], (string?)error["type"]));
        Assert.NotEmpty((string)error["message"]!);
    }

    [Theory]
    [InlineData("default", "\\ud800")]
    [InlineData("const", "\\udc00x")]
    [InlineData("$ref", "\\ud800")]
    [InlineData("format", "\\ud800")]
    public async Task Half_a_character_in_a_schema_is_the_callers_fault(string key, string text)
    {
        var body = "{\"messages\":[{\"role\":\"user\",\"content\":\"x\"}],\"tool_choice\":\"required\",\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\",\"parameters\":"
            + $"{{\"properties\":{{\"a\":{{\"{key}\":\"{text}\"}}}}}}}}}}]}}";
        using var response = await SendAsync("chat/completions", body);

        Assert.Contains(response.StatusCode, (HttpStatusCode[])[HttpStatusCode.BadRequest, HttpStatusCode.OK]);
    }

    [Fact]
    public async Task Any_mutation_of_a_request_is_answered()
    {
        var original = With(Hello, ("tools", JsonNode.Parse(Tools)), ("tool_choice", "required"), ("stop", "x"), ("n", 2), ("stream_options", new JsonObject { ["include_usage"] = true }));
        string[] replacements = ["null", "{}", "[]", "-1", "1e99", "\"\"", "true", "\"\\ud83d\"", "{\"type\":[]}", "[[]]"];
        var random = new Random(11);
        for (var round = 0; round < 600; round++)
        {
            var body = original;
            for (var edit = 0; edit < 2; edit++)
            {
                var colons = body.Index().Where(c => c.Item == ':').Select(c => c.Index).ToList();
                var at = colons[random.Next(colons.Count)] + 1;
                var end = body.IndexOfAny([',', '}'], at);
                body = body[..at] + replacements[random.Next(replacements.Length)] + (random.Next(3) == 0 || end < 0 ? "" : body[end..]);
            }

            foreach (var path in (string[])["chat/completions", "completions", "embeddings"])
            {
                using var response = await SendAsync(path, body);
                Assert.Contains(response.StatusCode, (HttpStatusCode[])[HttpStatusCode.BadRequest, HttpStatusCode.OK]);
            }
        }
    }

    [Fact]
    public async Task Other_paths_and_methods_are_refused()
    {
        using var unknown = await SendAsync("images/generations", "{}");
        using var request = new HttpRequestMessage(HttpMethod.Get, "http://demo.invalid/v1/chat/completions");
        using var wrong = await _demo.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.NotFound, unknown.StatusCode);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, wrong.StatusCode);
    }

    [Fact]
    public async Task Broken_utf8_is_a_400()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "http://demo.invalid/v1/chat/completions")
        {
            Content = new ByteArrayContent([.. "{\"messages\":[{\"role\":\"user\",\"content\":\""u8, 0xC3, 0x28, .. "\"}]}"u8]),
        };
        using var response = await _demo.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
    }

    [Fact]
    public async Task A_stream_takes_real_time_and_ends_when_the_reader_cancels()
    {
        using var slow = new HttpMessageInvoker(new DemoHandler(TimeProvider.System, TimeSpan.FromMinutes(5)));
        using var request = Request("chat/completions", With(Hello, ("stream", true)));
        using var response = await slow.SendAsync(request, TestContext.Current.CancellationToken);
        await using var stream = await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken);
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);

        var read = stream.ReadAsync(new byte[100], cancel.Token).AsTask();

        Assert.False(read.IsCompleted);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => read);
    }

    private const string Tools = """
        [{"type":"function","function":{"name":"find","parameters":{
            "type":"object",
            "$defs":{"point":{"type":"object","properties":{"lat":{"type":"number","minimum":-90,"maximum":90},"lon":{"type":"number"}}}},
            "properties":{
              "city":{"type":"string"},
              "unit":{"type":"string","enum":["celsius","fahrenheit"]},
              "days":{"type":"integer","minimum":3},
              "exact":{"type":["null","boolean"]},
              "near":{"type":"array","items":{"$ref":"#/$defs/point"}},
              "when":{"anyOf":[{"type":"string","format":"date"},{"type":"null"}]},
              "note":{"type":"string","default":"x"}},
            "required":["city"]}}},
         {"type":"function","function":{"name":"book"}}]
        """;

    private static HttpRequestMessage Request(string path, string body)
        => new(HttpMethod.Post, $"http://demo.invalid/v1/{path}") { Content = new StringContent(body, Encoding.UTF8, "application/json") };

    private async Task<HttpResponseMessage> SendAsync(string path, string body)
    {
        using var request = Request(path, body);
        return await _demo.SendAsync(request, TestContext.Current.CancellationToken);
    }

    private async Task<JsonNode> PostAsync(string path, string body)
    {
        using var response = await SendAsync(path, body);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(response.IsSuccessStatusCode, text);
        Assert.Equal("application/json", response.Content.Headers.ContentType!.MediaType);
        return JsonNode.Parse(text)!;
    }

    private async Task<List<string>> StreamAsync(string path, string body)
    {
        using var response = await SendAsync(path, body);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType!.MediaType);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.EndsWith("\n\n", text, StringComparison.Ordinal);
        return [.. text.Split("\n\n", StringSplitOptions.RemoveEmptyEntries).Select(e => e.StartsWith("data: ", StringComparison.Ordinal) ? e[6..] : throw new JsonException(e))];
    }

    private static string With(string json, params (string Name, JsonNode? Value)[] members)
    {
        var node = JsonNode.Parse(json)!.AsObject();
        foreach (var (name, value) in members)
        {
            node[name] = value?.DeepClone();
        }

        return node.ToJsonString();
    }

    private static void AssertUsageAddsUp(JsonNode usage)
    {
        var (prompt, completion, total) = ((int)usage["prompt_tokens"]!, (int)usage["completion_tokens"]!, (int)usage["total_tokens"]!);
        Assert.True(prompt > 0 && completion > 0);
        Assert.Equal(prompt + completion, total);
    }

    private static double Dot(float[] a, float[] b) => a.Zip(b, (x, y) => (double)x * y).Sum();
}
