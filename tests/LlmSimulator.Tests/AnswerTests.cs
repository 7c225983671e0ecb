using System.Runtime.InteropServices;
using System.Text.Json;

namespace Gateway.LlmSimulator.Tests;

/// <summary>Answers without faults.</summary>
public sealed class AnswerTests
{
    private const string Tool = ",\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"weather\",\"parameters\":{\"type\":\"object\",\"properties\":{\"city\":{\"type\":\"string\"},\"days\":{\"type\":\"integer\"}}}}}]";

    [Fact]
    public async Task A_plain_chat_answer_has_text_and_usage()
    {
        await using var client = await Client.StartAsync();
        var answer = await client.ChatAsync("gpt-4o-mini");
        Assert.Equal("chat.completion", answer.GetProperty("object").GetString());
        Assert.Equal("gpt-4o-mini", answer.GetProperty("model").GetString());
        Assert.NotEmpty(answer.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString()!);
        Assert.Equal("stop", answer.GetProperty("choices")[0].GetProperty("finish_reason").GetString());
        Assert.Equal((3, 16, 19), Usage(answer));
    }

    [Fact]
    public async Task The_same_seed_gives_the_same_bytes_and_another_seed_other_words()
    {
        await using var one = await Client.StartAsync();
        await using var two = await Client.StartAsync();
        var first = await one.TextAsync(Client.Chat("m?tokens=40"));
        Assert.Equal(first, await two.TextAsync(Client.Chat("m?tokens=40")));
        Assert.NotEqual(Content(Client.Parse(first)), Content(await one.ChatAsync("m?tokens=40&seed=2")));
    }

    [Fact]
    public async Task Prompt_tokens_count_the_unescaped_text_wherever_it_stands()
    {
        await using var client = await Client.StartAsync();
        var parts = """{"model":"m","messages":[{"role":"system","content":"\u00e9\u00e9"},{"role":"user","content":[{"type":"text","text":"12345678"},{"type":"image_url","image_url":{"url":"data:,"}}]}]}""";
        Assert.Equal((3, 16, 19), Usage(await client.JsonAsync("/v1/chat/completions", parts)));
        Assert.Equal(3, (await client.JsonAsync("/v1/embeddings", """{"model":"m","input":[[1,2],[3]],"dimensions":2}""")).GetProperty("usage").GetProperty("prompt_tokens").GetInt32());
    }

    [Fact]
    public async Task A_stream_says_the_same_words_and_ends_with_done()
    {
        await using var client = await Client.StartAsync();
        var data = Client.Data(await client.TextAsync(Client.Streamed("m?tokens=5")));
        Assert.Equal(8, data.Count);
        Assert.Equal("[DONE]", data[^1]);
        var events = data[..^1].ConvertAll(Client.Parse);
        Assert.All(events, e => Assert.False(e.TryGetProperty("usage", out _)));
        Assert.Equal("assistant", events[0].GetProperty("choices")[0].GetProperty("delta").GetProperty("role").GetString());
        Assert.Equal("stop", events[^1].GetProperty("choices")[0].GetProperty("finish_reason").GetString());
        Assert.Equal(Content(await client.ChatAsync("m?tokens=5")), string.Concat(events[..^1].Select(e => e.GetProperty("choices")[0].GetProperty("delta").GetProperty("content").GetString())));
    }

    [Fact]
    public async Task Include_usage_adds_null_to_every_chunk_and_a_last_one_without_choices()
    {
        await using var client = await Client.StartAsync();
        var events = Client.Data(await client.TextAsync(Client.Streamed("m?tokens=2", ",\"stream_options\":{\"include_usage\":true}")))[..^1].ConvertAll(Client.Parse);
        Assert.All(events[..^1], e => Assert.Equal(JsonValueKind.Null, e.GetProperty("usage").ValueKind));
        Assert.Equal(0, events[^1].GetProperty("choices").GetArrayLength());
        Assert.Equal((3, 2, 5), Usage(events[^1]));
    }

    [Fact]
    public async Task Usage_can_be_left_out_altogether()
    {
        await using var client = await Client.StartAsync();
        Assert.False((await client.ChatAsync("m?usage=0")).TryGetProperty("usage", out _));
        Assert.DoesNotContain("usage", await client.TextAsync(Client.Streamed("m?usage=0", ",\"stream_options\":{\"include_usage\":true}")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Max_tokens_ends_an_answer_with_length()
    {
        await using var client = await Client.StartAsync();
        var answer = await client.ChatAsync("m", ",\"max_completion_tokens\":3");
        Assert.Equal((3, 3, 6), Usage(answer));
        Assert.Equal("length", answer.GetProperty("choices")[0].GetProperty("finish_reason").GetString());
        Assert.Equal("content_filter", (await client.ChatAsync("m?finish=content_filter")).GetProperty("choices")[0].GetProperty("finish_reason").GetString());
    }

    [Fact]
    public async Task Text_completions_are_answered_plain_and_streamed()
    {
        await using var client = await Client.StartAsync();
        var answer = await client.JsonAsync("/v1/completions", """{"model":"m?tokens=4","prompt":"hello there"}""");
        Assert.Equal("text_completion", answer.GetProperty("object").GetString());
        Assert.Equal((3, 4, 7), Usage(answer));
        var data = Client.Data(await client.TextAsync("""{"model":"m?tokens=4","prompt":"hello there","stream":true}""", "/v1/completions"));
        Assert.Equal(answer.GetProperty("choices")[0].GetProperty("text").GetString(), string.Concat(data[..^1].Select(d => Client.Parse(d).GetProperty("choices")[0].GetProperty("text").GetString())));
    }

    [Fact]
    public async Task Embeddings_are_unit_vectors_equal_for_equal_texts_and_in_both_encodings()
    {
        await using var client = await Client.StartAsync();
        var floats = (await client.JsonAsync("/v1/embeddings", """{"model":"e","input":["a","b","a"],"dimensions":8}""")).GetProperty("data");
        var vectors = floats.EnumerateArray().Select(d => d.GetProperty("embedding").EnumerateArray().Select(v => v.GetSingle()).ToArray()).ToArray();
        Assert.Equal(vectors[0], vectors[2]);
        Assert.NotEqual(vectors[0], vectors[1]);
        Assert.Equal(1.0, vectors[0].Sum(v => v * v), 1e-5);
        var base64 = (await client.JsonAsync("/v1/embeddings", """{"model":"e","input":"a","dimensions":8,"encoding_format":"base64"}""")).GetProperty("data")[0].GetProperty("embedding").GetBytesFromBase64();
        Assert.Equal(vectors[0], MemoryMarshal.Cast<byte, float>(base64).ToArray());
        Assert.Equal(1536, (await client.JsonAsync("/v1/embeddings", """{"model":"e","input":"a"}""")).GetProperty("data")[0].GetProperty("embedding").GetArrayLength());
    }

    [Fact]
    public async Task Tools_are_called_with_arguments_that_fit_and_then_words_follow_the_result()
    {
        await using var client = await Client.StartAsync();
        var choice = (await client.ChatAsync("m?tools=2", Tool)).GetProperty("choices")[0];
        Assert.Equal("tool_calls", choice.GetProperty("finish_reason").GetString());
        var calls = choice.GetProperty("message").GetProperty("tool_calls");
        Assert.Equal(2, calls.GetArrayLength());
        Assert.Equal("weather", calls[0].GetProperty("function").GetProperty("name").GetString());
        var arguments = Client.Parse(calls[0].GetProperty("function").GetProperty("arguments").GetString()!);
        Assert.Equal((JsonValueKind.String, JsonValueKind.Number), (arguments.GetProperty("city").ValueKind, arguments.GetProperty("days").ValueKind));
        var ended = "{\"model\":\"m?tools=1\",\"messages\":[{\"role\":\"user\",\"content\":\"weather?\"},{\"role\":\"assistant\",\"tool_calls\":[{\"id\":\"c\",\"type\":\"function\",\"function\":{\"name\":\"weather\",\"arguments\":\"{}\"}}]},{\"role\":\"tool\",\"tool_call_id\":\"c\",\"content\":\"rain\"}]" + Tool + "}";
        Assert.NotEmpty(Content(await client.JsonAsync("/v1/chat/completions", ended)));
    }

    [Fact]
    public async Task Tool_calls_stream_as_deltas()
    {
        await using var client = await Client.StartAsync();
        var deltas = Client.Data(await client.TextAsync(Client.Streamed("m?tools=1", Tool)))[..^1].ConvertAll(d => Client.Parse(d).GetProperty("choices")[0].GetProperty("delta"));
        var calls = deltas.Where(d => d.TryGetProperty("tool_calls", out _)).Select(d => d.GetProperty("tool_calls")[0]).ToList();
        Assert.Equal("weather", calls[0].GetProperty("function").GetProperty("name").GetString());
        Assert.StartsWith("call_", calls[0].GetProperty("id").GetString(), StringComparison.Ordinal);
        Assert.True(calls.Count > 2);
        Assert.Equal("simulated value", Client.Parse(string.Concat(calls.Select(c => c.GetProperty("function").GetProperty("arguments").GetString()))).GetProperty("city").GetString());
    }

    [Fact]
    public async Task Models_are_listed_and_looked_up()
    {
        await using var client = await Client.StartAsync(new SimulatorOptions { Models = ["a", "b"] });
        Assert.Equal(["a", "b"], (await client.GetAsync("/v1/models")).GetProperty("data").EnumerateArray().Select(m => m.GetProperty("id").GetString()!));
        Assert.Equal("b", (await client.GetAsync("/v1/models/b")).GetProperty("id").GetString());
    }

    [Fact]
    public async Task Echo_text_and_token_details_are_given_on_request()
    {
        await using var client = await Client.StartAsync();
        Assert.Equal("hello there", Content(await client.ChatAsync("m?echo=1")));
        Assert.Equal("say \"this\" & that", Content(await client.ChatAsync("m?text=say%20%22this%22%20%26%20that")));
        var usage = (await client.ChatAsync("m?cached=2&reasoning=5")).GetProperty("usage");
        Assert.Equal(2, usage.GetProperty("prompt_tokens_details").GetProperty("cached_tokens").GetInt32());
        Assert.Equal(5, usage.GetProperty("completion_tokens_details").GetProperty("reasoning_tokens").GetInt32());
    }

    [Fact]
    public async Task Unknown_fields_are_added_on_request()
    {
        await using var client = await Client.StartAsync();
        const string Exactly = "\"x_extra\":{\"big\":12345678901234567890,\"precise\":1.10,\"text\":\"\\u00e9\\/\\n\",\"list\":[null,true,{}]}";
        Assert.Contains(Exactly, await client.TextAsync(Client.Chat("m?extra=1")), StringComparison.Ordinal);
        Assert.Contains(Exactly, Client.Data(await client.TextAsync(Client.Streamed("m?extra=1")))[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_megabyte_prompt_is_read_and_counted()
    {
        await using var client = await Client.StartAsync();
        var body = "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"" + new string('a', 1 << 20) + "\"}]}";
        Assert.Equal(1 << 18, (await client.JsonAsync("/v1/chat/completions", body)).GetProperty("usage").GetProperty("prompt_tokens").GetInt32());
    }

    private static string Content(JsonElement answer) => answer.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString()!;

    private static (int Prompt, int Completion, int Total) Usage(JsonElement answer)
    {
        var usage = answer.GetProperty("usage");
        return (usage.GetProperty("prompt_tokens").GetInt32(), usage.GetProperty("completion_tokens").GetInt32(), usage.GetProperty("total_tokens").GetInt32());
    }
}
