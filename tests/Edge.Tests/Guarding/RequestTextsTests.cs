using System.Text;
using System.Text.Json;
using Gateway.Contracts.Configuration;
using Gateway.Edge.Guarding.Requests;
using Gateway.Guardrails.Engine.Requests;

namespace Gateway.Edge.Tests.Guarding;

/// <summary>Which texts of a body are found, where they stand, and that they can be put back.</summary>
public sealed class RequestTextsTests
{
    public static TheoryData<string, string> Bodies => new()
    {
        {
            """{"model":"m","messages":[{"role":"developer","content":"d"},{"content":[{"type":"text","text":"u"},{"type":"image_url","image_url":{"url":"https://x"}}],"role":"user"},{"role":"assistant","content":"a","tool_calls":[{"id":"c1","type":"function","function":{"name":"f","arguments":"{\"q\":1}"}}]},{"role":"tool","tool_call_id":"c1","content":"r"}],"tools":[{"type":"function","function":{"name":"f","description":"does","parameters":{"type":"object","properties":{"q":{"type":"string","description":"what"}}}}}],"metadata":{"k":"v"}}""",
            "Input/System:d Input/User:u Input/Assistant:a Input/Assistant/f:{\"q\":1} ToolResult/Tool/f:r Input/System:does Input/System:what"
        },
        {
            """{"model":"m","system":[{"type":"text","text":"s"}],"messages":[{"role":"user","content":[{"type":"document","source":{"type":"text","media_type":"text/plain","data":"doc"},"title":"t"},{"type":"image","source":{"type":"base64","media_type":"image/png","data":"AAAA"}}]},{"role":"assistant","content":[{"type":"thinking","thinking":"th","signature":"S"},{"type":"tool_use","id":"t1","name":"f","input":{"a":"b"}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"t1","content":[{"type":"text","text":"r"}]}]}]}""",
            "Input/System:s Input/Document:doc Input/Document:t Input/Assistant!:th Input/Assistant/f:{\"a\":\"b\"} ToolResult/Tool/f:r"
        },
        {
            """{"model":"m","instructions":"s","input":[{"role":"user","content":[{"type":"input_text","text":"u"}]},{"type":"function_call","call_id":"c","name":"f","arguments":"{}"},{"type":"function_call_output","call_id":"c","output":"r"},{"type":"reasoning","id":"rs","summary":[{"type":"summary_text","text":"why"}],"encrypted_content":"E"}]}""",
            "Input/System:s Input/User:u Input/Assistant/f:{} ToolResult/Tool/f:r Input/Assistant!:why"
        },
        {
            """{"systemInstruction":{"parts":[{"text":"s"}]},"contents":[{"role":"user","parts":[{"text":"u"},{"inlineData":{"mimeType":"image/png","data":"AAAA"}}]},{"role":"model","parts":[{"functionCall":{"name":"f","args":{"a":"b"}}}]},{"role":"user","parts":[{"functionResponse":{"name":"f","response":{"status":"fine","data":{"x":"y"}}}}]}],"generationConfig":{"stopSequences":["z"]}}""",
            "Input/System:s Input/User:u Input/Assistant/f:{\"a\":\"b\"} ToolResult/Tool/f:fine ToolResult/Tool/f:y"
        },
        {
            """{"system":[{"text":"s"}],"messages":[{"role":"user","content":[{"text":"u"},{"document":{"name":"n","format":"txt","source":{"text":"doc"}}}]},{"role":"assistant","content":[{"toolUse":{"toolUseId":"t","name":"f","input":{"a":1}}}]},{"role":"user","content":[{"toolResult":{"toolUseId":"t","content":[{"json":{"type":"x"}},{"text":"r"}]}}]}]}""",
            "Input/System:s Input/User:u Input/Document:doc Input/Assistant/f:{\"a\":1} ToolResult/Tool/f:x ToolResult/Tool/f:r"
        },
        {
            """{"model":"m","messages":[{"role":"user","content":"u"}],"documents":["d1",{"id":"1","data":{"title":"x","snippet":"d2"}}]}""",
            "Input/User:u Input/Document:d1 Input/Document:x Input/Document:d2"
        },
        { """{"model":"m","query":"q","documents":["a",{"text":"b"}],"top_n":2}""", "Input/User:q Input/Document:a Input/Document:b" },
        { """{"model":"m","prompt":["a","b"],"suffix":"c","stop":["d"]}""", "Input/User:a Input/User:b Input/User:c" },
        { """{"type":"session.update","session":{"instructions":"s","voice":"alloy","tools":[{"type":"function","name":"f","description":"does"}]}}""", "Input/System:s Input/System:does" },
        { """{"type":"conversation.item.create","item":{"type":"message","role":"user","content":[{"type":"input_text","text":"u"}]}}""", "Input/User:u" },
        { """{"custom_id":"1","method":"POST","url":"/v1/chat/completions","body":{"model":"m","messages":[{"role":"user","content":"u"}]}}""", "Input/User:u" },
    };

    [Theory]
    [MemberData(nameof(Bodies))]
    public void Texts_are_found_with_their_place_and_can_be_put_back(string body, string expected)
    {
        var bytes = Encoding.UTF8.GetBytes(body);
        Assert.True(RequestTexts.TryRead(bytes, GuardrailScope.Input, isPlainData: false, out var texts));
        var read = texts!.All.Where(static t => t.Length > 0).ToList();
        var shown = string.Join(' ', read.Select(static t => $"{t.Text.Place}/{t.Text.Source}{(t.IsSealed ? "!" : "")}{(t.Text.Tool is null ? "" : "/" + t.Text.Tool)}:{t.Text.Text}"));
        Assert.Equal(expected, shown);
        foreach (var text in read)
        {
            var raw = body[text.Start..(text.Start + text.Length)];
            Assert.Equal(text.Text.Text, text.Form == TextForm.Json ? raw : JsonSerializer.Deserialize<string>(raw));
        }

        // A change of each of them leaves JSON, and the rest as it was.
        var changed = texts.All.Select(static t => t.Length == 0 ? t.Text : t.Text with { Text = t.Form == TextForm.Json ? """{"new":1}""" : "n\"e\u00fc\ud83d\ude42\ud800w" }).ToList();
        var body2 = TextEdits.Apply(bytes, texts.All, changed)!.Value;
        using var document = JsonDocument.Parse(body2.Memory);
        Assert.True(RequestTexts.TryRead(body2.Memory, GuardrailScope.Input, isPlainData: false, out var again));
        Assert.Equal(changed.Select(static t => t.Text), again!.All.Select(static t => t.Text.Text));
        body2.Return();
    }

    [Fact]
    public void Strings_that_no_encoding_takes_survive()
    {
        var body = """{"messages":[{"role":"user","content":"lone \ud800 and \u0041\/\n"},{"role":"user","content":"plain"}]}"""u8.ToArray();
        body[^8] = 0xFF;
        Assert.True(RequestTexts.TryRead(body, GuardrailScope.Input, isPlainData: false, out var texts));
        Assert.Equal("lone \ud800 and A/\n", texts!.All.First(static t => t.Length > 0).Text.Text);
        Assert.Null(TextEdits.Apply(body, texts.All, [.. texts.All.Select(static t => t.Text)]));
    }

    [Fact]
    public void Nothing_that_nests_deeply_or_is_no_json_harms()
    {
        Assert.False(RequestTexts.TryRead(Encoding.UTF8.GetBytes(new string('[', 5_000)), GuardrailScope.Input, isPlainData: true, out _));
        Assert.False(RequestTexts.TryRead("{"u8.ToArray(), GuardrailScope.Input, isPlainData: false, out _));
        var deep = Encoding.UTF8.GetBytes($$"""{"messages":{{new string('[', 900)}}"x"{{new string(']', 900)}}}""");
        Assert.True(RequestTexts.TryRead(deep, GuardrailScope.Input, isPlainData: false, out var texts));
        Assert.Single(texts!.All);
        Assert.Null(LooseContent.Read(new byte[] { 0x89, 0x50, 0, 1 }, ContentForm.Any));
        Assert.Equal(2, LooseContent.Read(Encoding.UTF8.GetBytes("{\"a\":\"x\"}\n{\"b\":\"y\"}\n"), ContentForm.Any)!.All.Count);
    }
}
