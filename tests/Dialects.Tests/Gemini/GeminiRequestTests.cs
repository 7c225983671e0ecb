using System.Buffers;
using System.Text;
using System.Text.Json;
using Gateway.Dialects.Chat;
using Gateway.Dialects.Gemini;

namespace Gateway.Dialects.Tests.Gemini;

public sealed class GeminiRequestTests
{
    [Fact]
    public void A_request_in_snake_case_reads_like_one_in_camel_case()
    {
        var camel = Read("""
            {"contents":[{"role":"user","parts":[{"inlineData":{"mimeType":"image/png","data":"AA-_"}},{"text":"see"}]}],
             "systemInstruction":{"parts":[{"text":"be brief"}]},
             "generationConfig":{"maxOutputTokens":10,"topP":0.5,"topK":3,"stopSequences":["x"],"responseMimeType":"application/json","thinkingConfig":{"thinkingBudget":0}},
             "toolConfig":{"functionCallingConfig":{"mode":"ANY","allowedFunctionNames":["f"]}},
             "tools":[{"functionDeclarations":[{"name":"f","parameters":{"type":"OBJECT","properties":{"a":{"type":"STRING","nullable":true}}}}]}]}
            """);
        var snake = Read("""
            {"contents":[{"role":"user","parts":[{"inline_data":{"mime_type":"image/png","data":"AA-_"}},{"text":"see"}]}],
             "system_instruction":{"parts":{"text":"be brief"}},
             "generation_config":{"max_output_tokens":10,"top_p":0.5,"top_k":3,"stop_sequences":["x"],"response_mime_type":"application/json","thinking_config":{"thinking_budget":0}},
             "tool_config":{"function_calling_config":{"mode":"any","allowed_function_names":["f"]}},
             "tools":{"function_declarations":[{"name":"f","parameters":{"type":"object","properties":{"a":{"type":"string","nullable":true}}}}]}}
            """);

        Assert.Equal(Write(camel), Write(snake));
        Assert.Equal("be brief", Assert.IsType<TextPart>(camel.Messages[0].Parts[0]).Text);
        Assert.Equal("AA+/", Assert.IsType<MediaPart>(camel.Messages[1].Parts[0]).Data);
        Assert.Equal((ToolChoiceMode.Named, "f"), (camel.ToolChoice!.Mode, camel.ToolChoice.Name));
        Assert.False(camel.Reasoning!.Enabled);
        Assert.Equal(["string", "null"], camel.Tools[0].Parameters!.Value.GetProperty("properties").GetProperty("a").GetProperty("type").EnumerateArray().Select(static t => t.GetString()));
    }

    [Fact]
    public void Results_without_ids_find_their_calls_by_name_and_order()
    {
        var request = Read("""
            {"contents":[{"role":"user","parts":[{"text":"go"}]},
             {"role":"model","parts":[{"functionCall":{"name":"a","args":{"n":1}},"thoughtSignature":"c2ln"},{"functionCall":{"name":"b"}},{"functionCall":{"name":"a","args":{"n":2}}}]},
             {"role":"user","parts":[{"functionResponse":{"name":"a","response":{"output":"one"}}},{"functionResponse":{"name":"a","response":{"error":"bad"}}},{"functionResponse":{"name":"b","response":{"x":1}}},{"text":"next"}]}]}
            """);

        var calls = request.Messages[1].Parts.Cast<ToolCallPart>().ToList();
        Assert.Equal(3, calls.Select(static c => c.Id).Distinct().Count());
        Assert.Equal(new Signature(DialectId.Gemini, "c2ln"), calls[0].Signature);
        Assert.Equal(ChatRole.Tool, request.Messages[2].Role);
        var results = request.Messages[2].Parts.Cast<ToolResultPart>().ToList();
        Assert.Equal([calls[0].Id, calls[2].Id, calls[1].Id], results.Select(static r => r.CallId));
        Assert.Equal(["one", "bad", """{"x":1}"""], results.Select(static r => ((TextPart)r.Content[0]).Text));
        Assert.Equal([false, true, false], results.Select(static r => r.IsError));
        Assert.Equal(ChatRole.User, request.Messages[3].Role);
    }

    [Theory]
    [InlineData("""[]""", null)]
    [InlineData("""{"contents":""", null)]
    [InlineData("""{}""", "contents")]
    [InlineData("""{"contents":[]}""", "contents")]
    [InlineData("""{"contents":[7]}""", "contents[0]")]
    [InlineData("""{"contents":[{"role":"judge","parts":[]}]}""", "contents[0].role")]
    [InlineData("""{"contents":[{"parts":[3]}]}""", "contents[0].parts[0]")]
    [InlineData("""{"contents":[{"parts":[{"text":"x"}]}],"tools":[{"functionDeclarations":[{}]}]}""", "tools[0].functionDeclarations[0].name")]
    [InlineData("""{"contents":[{"parts":[{"text":"x"}]}],"toolConfig":{"functionCallingConfig":{"mode":"SOMETIMES"}}}""", "toolConfig.functionCallingConfig.mode")]
    [InlineData("""{"contents":[{"parts":[{"text":"x"}]}],"generationConfig":3}""", "generationConfig")]
    public void What_is_wrong_is_said_with_its_place(string body, string? param)
    {
        var problem = GeminiDialect.Instance.ReadRequest(Encoding.UTF8.GetBytes(body), new RequestLocation("m", false), out _);
        Assert.NotNull(problem);
        Assert.Equal(param, problem.Param);
    }

    [Fact]
    public void A_request_of_another_dialect_is_said_in_this_one()
    {
        var request = new ChatRequest
        {
            Origin = DialectId.OpenAIChat, MaxOutputTokens = 50, ParallelToolCalls = false, EndUser = "u", Seed = long.MaxValue,
            ToolChoice = new ToolChoice { Mode = ToolChoiceMode.Auto, Allowed = ["f"] },
            Format = new ResponseFormat { Kind = ResponseFormatKind.JsonSchema, Schema = Json("""{"$schema":"x","type":"object"}""") },
            Reasoning = new ReasoningOptions { Effort = "low" },
        };
        request.Stop.AddRange(["1", "2", "3", "4", "5", "6"]);
        request.Messages.Add(new ChatMessage(ChatRole.System) { Parts = { new TextPart("s") } });
        request.Messages.Add(new ChatMessage(ChatRole.User) { Parts = { new TextPart("hi"), new MediaPart(MediaKind.Image) { Url = "https://x/a.png?b" }, new MediaPart(MediaKind.Document) { FileId = "file-1" } } });
        request.Messages.Add(new ChatMessage(ChatRole.Assistant)
        {
            Parts =
            {
                new ReasoningPart { Text = "foreign", Signature = new Signature(DialectId.Anthropic, "s") },
                new ReasoningPart { Text = "own", Signature = new Signature(DialectId.Gemini, "sig") },
                new ToolCallPart { Id = "c1", Name = "f", Arguments = """{"a":1}""" },
                new ToolCallPart { Id = "c2", Name = "g", Arguments = "free", IsCustom = true },
            },
        });
        request.Messages.Add(new ChatMessage(ChatRole.Tool)
        {
            Parts =
            {
                new ToolResultPart { CallId = "c1", Content = { new TextPart("ok"), new MediaPart(MediaKind.Image) { Data = "AA==", MediaType = "image/png" } } },
                new ToolResultPart { CallId = "c2", IsError = true, Content = { new TextPart("no") } },
            },
        });
        request.Messages.Add(new ChatMessage(ChatRole.User) { Parts = { new TextPart("and?") } });
        request.Tools.Add(new ToolDefinition { Name = "f", Parameters = Json("""{"type":"object","properties":{"a":{"type":["integer","null"]}},"additionalProperties":false}""") });
        request.Tools.Add(new ToolDefinition { Name = "g", Kind = ToolKind.Custom });
        request.Tools.Add(new ToolDefinition { Name = "file_search", Kind = ToolKind.Hosted, Raw = Json("{}") });
        request.Extensions.Add(new RequestExtension("logit_bias", Json("{}")));
        var drops = new DropList();

        Assert.Equal(Said.Canonical("""
            {"systemInstruction":{"parts":[{"text":"s"}]},
             "contents":[
              {"role":"user","parts":[{"text":"hi"},{"fileData":{"mimeType":"image/png","fileUri":"https://x/a.png?b"}}]},
              {"role":"model","parts":[{"text":"own","thought":true,"thoughtSignature":"sig"},{"functionCall":{"id":"c1","name":"f","args":{"a":1}}},{"functionCall":{"id":"c2","name":"g","args":{"input":"free"}}}]},
              {"role":"user","parts":[{"functionResponse":{"id":"c1","name":"f","response":{"output":"ok"}}},{"functionResponse":{"id":"c2","name":"g","response":{"error":"no"}}},{"inlineData":{"mimeType":"image/png","data":"AA=="}},{"text":"and?"}]}],
             "tools":[{"functionDeclarations":[
              {"name":"f","parameters":{"type":"OBJECT","properties":{"a":{"type":"INTEGER","nullable":true}}}},
              {"name":"g","parameters":{"type":"OBJECT","properties":{"input":{"type":"STRING"}},"required":["input"]}}]}],
             "toolConfig":{"functionCallingConfig":{"mode":"VALIDATED","allowedFunctionNames":["f"]}},
             "generationConfig":{"maxOutputTokens":50,"stopSequences":["1","2","3","4","5"],"responseMimeType":"application/json","responseJsonSchema":{"type":"object"},"thinkingConfig":{"thinkingBudget":1024,"includeThoughts":true}}}
            """), Said.Canonical(Write(request, drops: drops)));
        Assert.Equal(["file_search", "logit_bias", "messages", "parallel_tool_calls", "seed", "stop", "user"], drops.Names.Select(static n => n.Replace("tools.", "", StringComparison.Ordinal).Split('.', '[')[0]).Order());
    }

    [Fact]
    public void Gemini_3_gets_a_stand_in_for_the_signature_of_a_call_it_did_not_make()
    {
        var request = new ChatRequest { Origin = DialectId.OpenAIChat };
        request.Messages.Add(new ChatMessage(ChatRole.User) { Parts = { new TextPart("q") } });
        request.Messages.Add(new ChatMessage(ChatRole.Assistant) { Parts = { new ToolCallPart { Id = "1", Name = "f" }, new ToolCallPart { Id = "2", Name = "f" } } });
        Assert.Single(JsonDocument.Parse(Write(request, "gemini-3-pro-preview")).RootElement.GetProperty("contents")[1].GetProperty("parts").EnumerateArray(), static p => p.TryGetProperty("thoughtSignature", out _));
        Assert.DoesNotContain("thoughtSignature", Write(request, "gemini-2.5-pro"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("none", null, "gemini-2.5-flash", """{"thinkingBudget":0}""")]
    [InlineData("none", null, "gemini-2.5-pro", """{"thinkingBudget":128}""")]
    [InlineData("none", null, "gemini-2.0-flash", null)]
    [InlineData("none", null, "gemini-3-flash-preview", """{"thinkingLevel":"MINIMAL"}""")]
    [InlineData("medium", null, "gemini-3-pro-preview", """{"thinkingLevel":"HIGH","includeThoughts":true}""")]
    [InlineData("medium", null, "gemini-3.1-pro-preview", """{"thinkingLevel":"MEDIUM","includeThoughts":true}""")]
    [InlineData("xhigh", null, "gemini-2.5-pro", """{"thinkingBudget":24576,"includeThoughts":true}""")]
    [InlineData(null, 2000, "gemini-2.5-pro", """{"thinkingBudget":2000,"includeThoughts":true}""")]
    public void Reasoning_is_asked_for_in_the_words_of_the_model(string? effort, int? budget, string model, string? expected)
    {
        var request = new ChatRequest { Origin = DialectId.Anthropic, Reasoning = new ReasoningOptions { Effort = effort, BudgetTokens = budget } };
        request.Messages.Add(new ChatMessage(ChatRole.User) { Parts = { new TextPart("q") } });
        var written = JsonDocument.Parse(Write(request, model)).RootElement;
        Assert.Equal(expected, written.TryGetProperty("generationConfig", out var config) && config.TryGetProperty("thinkingConfig", out var thinking) ? thinking.GetRawText() : null);
    }

    [Fact]
    public void What_may_not_be_dropped_is_refused()
    {
        var request = new ChatRequest { Origin = DialectId.OpenAIResponses };
        request.Extensions.Add(new RequestExtension("previous_response_id", Json("\"r\""), Essential: true));
        var problem = GeminiDialect.Instance.WriteRequest(request, new RequestTarget { Model = "m" }, new ArrayBufferWriter<byte>(), new DropList());
        Assert.Equal("previous_response_id", problem?.Param);
    }

    [Fact]
    public void Instructions_alone_are_what_the_user_says()
    {
        var request = new ChatRequest { Origin = DialectId.OpenAIChat };
        request.Messages.Add(new ChatMessage(ChatRole.System) { Parts = { new TextPart("only") } });
        Assert.Equal("""{"contents":[{"role":"user","parts":[{"text":"only"}]}]}""", Write(request));
    }

    [Fact]
    public void Labels_go_to_Vertex_only()
    {
        var request = Read("""{"contents":[{"parts":[{"text":"x"}]}],"labels":{"team":"blue"},"safetySettings":[],"cachedContent":"cachedContents/1"}""");
        var output = new ArrayBufferWriter<byte>();
        Assert.Null(GeminiDialect.Instance.WriteRequest(request, new RequestTarget { Model = "m", ModelInPath = true, Provider = "vertex" }, output, new DropList()));
        Assert.Contains("\"labels\":{\"team\":\"blue\"}", Encoding.UTF8.GetString(output.WrittenSpan), StringComparison.Ordinal);
        var drops = new DropList();
        Assert.Contains("\"cachedContent\":\"cachedContents/1\"", Write(request, drops: drops), StringComparison.Ordinal);
        Assert.Equal(["labels"], drops.Names);
    }

    private static ChatRequest Read(string body)
    {
        var problem = GeminiDialect.Instance.ReadRequest(Encoding.UTF8.GetBytes(body), new RequestLocation("models/m", false), out var request);
        Assert.True(problem is null, problem?.Message);
        Assert.Equal("m", request.Model);
        return request;
    }

    private static string Write(ChatRequest request, string model = "gemini-2.5-flash", DropList? drops = null)
    {
        var output = new ArrayBufferWriter<byte>();
        Assert.Null(GeminiDialect.Instance.WriteRequest(request, new RequestTarget { Model = model, ModelInPath = true }, output, drops ?? new DropList()));
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }

    private static JsonElement Json(string json) => JsonElement.Parse(json);
}
