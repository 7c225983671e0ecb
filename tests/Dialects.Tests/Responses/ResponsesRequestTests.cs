using System.Buffers;
using System.Text;
using Gateway.Dialects.Chat;
using Gateway.Dialects.OpenAI;
using Gateway.Dialects.Responses;

namespace Gateway.Dialects.Tests.Responses;

public sealed class ResponsesRequestTests
{
    [Fact]
    public void A_conversation_is_read_into_messages()
    {
        var request = Read("""
            {"model":"m","instructions":"Be brief.","input":[
              {"role":"developer","content":"d"},
              {"type":"message","role":"user","content":[{"type":"input_text","text":"look"},{"type":"input_image","image_url":"data:image/png;base64,AAAA","detail":"low"},
                {"type":"input_file","filename":"a.txt","file_data":"data:text/plain;base64,aGk="},{"type":"input_audio","input_audio":{"data":"BBBB","format":"mp3"}}]},
              {"type":"reasoning","id":"rs_1","summary":[{"type":"summary_text","text":"a"},{"type":"summary_text","text":"b"}],"encrypted_content":"zzz"},
              {"type":"function_call","call_id":"c1","name":"f","arguments":"{\"x\":1}"},
              {"type":"custom_tool_call","call_id":"c2","name":"g","input":"free"},
              {"type":"function_call_output","call_id":"c1","output":[{"type":"input_text","text":"r"}]},
              {"type":"custom_tool_call_output","call_id":"c2","output":"s"},
              {"role":"assistant","content":[{"type":"output_text","text":"done","annotations":[]},{"type":"refusal","refusal":"no"}]},
              {"type":"web_search_call","id":"ws_1","status":"completed"}]}
            """);
        Assert.Equal([ChatRole.System, ChatRole.Developer, ChatRole.User, ChatRole.Assistant, ChatRole.Tool, ChatRole.Assistant], request.Messages.Select(static m => m.Role));
        var user = request.Messages[2].Parts;
        var image = Assert.IsType<MediaPart>(user[1]);
        Assert.Equal(("image/png", "AAAA", "low"), (image.MediaType, image.Data, image.Detail));
        Assert.Equal("hi", Assert.IsType<MediaPart>(user[2]).Text);
        Assert.Equal("audio/mpeg", Assert.IsType<MediaPart>(user[3]).MediaType);
        var assistant = request.Messages[3].Parts;
        var reasoning = Assert.IsType<ReasoningPart>(assistant[0]);
        Assert.Equal(("a\n\nb", "rs_1|zzz"), (reasoning.Text, reasoning.Encrypted!.Value));
        Assert.Equal([("c1", false), ("c2", true)], assistant.OfType<ToolCallPart>().Select(static c => (c.Id, c.IsCustom)));
        Assert.Equal(["c1", "c2"], request.Messages[4].Parts.Cast<ToolResultPart>().Select(static r => r.CallId));
        Assert.Equal("web_search_call", Assert.IsType<OpaquePart>(request.Messages[5].Parts[2]).Type);
    }

    [Fact]
    public void Settings_are_read()
    {
        var request = Read("""
            {"model":"m","input":"hi","stream":true,"max_output_tokens":50,"temperature":0.5,"top_p":0.9,"parallel_tool_calls":false,"user":"u","service_tier":"flex",
             "metadata":{"a":"b"},"reasoning":{"effort":"low","summary":"auto"},"include":["reasoning.encrypted_content","message.output_text.logprobs"],"top_logprobs":3,
             "text":{"verbosity":"low","format":{"type":"json_schema","name":"n","schema":{"type":"object"},"strict":true}},
             "tools":[{"type":"function","name":"f","description":"d","parameters":{"type":"object"},"strict":false},{"type":"custom","name":"c","format":{"type":"text"}},{"type":"web_search"}],
             "tool_choice":{"type":"allowed_tools","mode":"required","tools":[{"type":"function","name":"f"}]},"store":false,"truncation":"disabled","prompt_cache_key":"k"}
            """);
        Assert.True(request.Stream);
        Assert.Equal((50, 0.5, 0.9, false, "u", "flex", "low"),
            (request.MaxOutputTokens, request.Temperature, request.TopP, request.ParallelToolCalls, request.EndUser, request.ServiceTier, request.Verbosity));
        Assert.Equal("b", request.Metadata["a"]);
        Assert.Equal(("low", "auto", true), (request.Reasoning!.Effort, request.Reasoning.Summary, request.Reasoning.IncludeText));
        Assert.Equal((true, 3), (request.LogProbabilities, request.TopLogProbabilities));
        Assert.Equal((ResponseFormatKind.JsonSchema, "n", true), (request.Format!.Kind, request.Format.Name, request.Format.Strict));
        Assert.Equal([ToolKind.Function, ToolKind.Custom, ToolKind.Hosted], request.Tools.Select(static t => t.Kind));
        Assert.Equal(ToolChoiceMode.Required, request.ToolChoice!.Mode);
        Assert.Equal(["f"], request.ToolChoice.Allowed);
        Assert.Equal("prompt_cache_key", Assert.Single(request.Extensions).Name);
    }

    [Theory]
    [InlineData("""{"model":"m","input":"x","previous_response_id":"resp_1"}""", "previous_response_id")]
    [InlineData("""{"model":"m","input":"x","conversation":"conv_1"}""", "conversation")]
    [InlineData("""{"model":"m","input":"x","background":true}""", "background")]
    [InlineData("""{"model":"m","input":"x","prompt":{"id":"p"}}""", "prompt")]
    [InlineData("""{"model":"m","input":[{"type":"item_reference","id":"msg_1"}]}""", "input[0]")]
    [InlineData("""{"model":"m","input":[{"type":"compaction","encrypted_content":"z"}]}""", "input[0]")]
    public void What_only_the_provider_knows_cannot_go_elsewhere(string body, string param)
    {
        var request = Read(body);
        Assert.Equal(param, Assert.Single(request.Extensions, static e => e.Essential).Name);
        Assert.NotNull(OpenAIChatDialect.Instance.WriteRequest(request, new RequestTarget { Model = "x" }, new ArrayBufferWriter<byte>(), new DropList()));
    }

    [Theory]
    [InlineData("[]", null)]
    [InlineData("{\"model\":\"m\"}", "input")]
    [InlineData("{\"input\":\"x\"}", "model")]
    [InlineData("{\"model\":\"m\",\"input\":7}", "input")]
    [InlineData("{\"model\":\"m\",\"input\":[7]}", "input[0]")]
    [InlineData("{\"model\":\"m\",\"input\":[{\"role\":\"robot\",\"content\":\"\"}]}", "input[0].role")]
    [InlineData("{\"model\":\"m\",\"input\":[{\"role\":\"user\",\"content\":[{\"type\":\"input_image\"}]}]}", "input[0].content[0]")]
    [InlineData("{\"model\":\"m\",\"input\":[{\"type\":\"function_call\",\"name\":\"f\"}]}", "input[0].call_id")]
    [InlineData("{\"model\":\"m\",\"input\":\"x\",\"tools\":[{\"type\":\"function\"}]}", "tools[0].name")]
    [InlineData("{\"model\":\"m\",\"input\":\"x\",\"tool_choice\":\"sometimes\"}", "tool_choice")]
    [InlineData("{\"model\":\"m\",\"input\":\"x\",\"text\":{\"format\":{\"type\":\"xml\"}}}", "text.format.type")]
    public void A_wrong_request_is_told_with_its_place(string body, string? param)
    {
        var problem = ResponsesDialect.Instance.ReadRequest(Encoding.UTF8.GetBytes(body), default, out _);
        Assert.Equal(param, problem!.Param);
    }

    [Fact]
    public void Reasoning_referred_to_by_id_is_left_out_elsewhere()
    {
        var request = Read("""{"model":"m","input":[{"role":"user","content":"x"},{"type":"item_reference","id":"rs_1"},{"role":"user","content":"y"}]}""");
        Assert.DoesNotContain(request.Extensions, static e => e.Essential);
        var drops = new DropList();
        Assert.Null(OpenAIChatDialect.Instance.WriteRequest(request, new RequestTarget { Model = "x" }, new ArrayBufferWriter<byte>(), drops));
    }

    [Fact]
    public void A_chat_request_becomes_a_responses_request()
    {
        var body = """
            {"model":"public","stream":true,"messages":[{"role":"system","content":"s"},{"role":"user","content":[{"type":"text","text":"q"},{"type":"image_url","image_url":{"url":"https://x/y.png"}}]},
             {"role":"assistant","content":"let me","tool_calls":[{"id":"c1","type":"function","function":{"name":"f","arguments":"{}"}}]},{"role":"tool","tool_call_id":"c1","content":"r"}],
             "tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object"}}}],"tool_choice":{"type":"function","function":{"name":"f"}},
             "max_tokens":1,"temperature":0.3,"stop":["x"],"seed":7,"n":2,"store":true,"response_format":{"type":"json_object"},"reasoning_effort":"high"}
            """;
        Assert.Null(OpenAIChatDialect.Instance.ReadRequest(Encoding.UTF8.GetBytes(body), default, out var request));
        Assert.Equal(
            """{"model":"gpt-5","stream":true,"instructions":"s","input":[{"type":"message","role":"user","content":[{"type":"input_text","text":"q"},{"type":"input_image","image_url":"https://x/y.png","detail":"auto"}]},"""
            + """{"type":"message","role":"assistant","content":[{"type":"output_text","text":"let me","annotations":[]}]},{"type":"function_call","call_id":"c1","name":"f","arguments":"{}"},"""
            + """{"type":"function_call_output","call_id":"c1","output":"r"}],"max_output_tokens":16,"tools":[{"type":"function","name":"f","parameters":{"type":"object"},"strict":false}],"""
            + """ "tool_choice":{"type":"function","name":"f"},"text":{"format":{"type":"json_object"}},"reasoning":{"effort":"high"},"include":["reasoning.encrypted_content"],"store":true}""".TrimStart(),
            Write(request, new RequestTarget { Model = "gpt-5", Provider = "openai" }, out var drops));
        Assert.Equal(["temperature", "seed", "stop", "n"], drops);
    }

    [Fact]
    public void A_model_that_does_not_reason_is_not_asked_to()
    {
        Assert.Null(OpenAIChatDialect.Instance.ReadRequest("""{"model":"p","messages":[{"role":"user","content":"q"}],"reasoning_effort":"low","temperature":1}"""u8.ToArray(), default, out var request));
        Assert.Equal("""{"model":"gpt-4o","input":[{"type":"message","role":"user","content":"q"}],"temperature":1,"store":false}""",
            Write(request, new RequestTarget { Model = "gpt-4o", Provider = "openai" }, out var drops));
        Assert.Empty(drops);
    }

    [Fact]
    public void Names_of_parameters_follow_the_provider()
    {
        var target = new RequestTarget
        {
            Model = "m", Provider = "other", ModelInPath = true,
            RenamedParameters = new Dictionary<string, string> { ["max_output_tokens"] = "max_tokens" }, DroppedParameters = new HashSet<string> { "store", "top_p" },
        };
        Assert.Equal("""{"input":[{"type":"message","role":"user","content":"q"}],"max_tokens":3}""",
            Write(Read("""{"model":"p","input":"q","max_output_tokens":3,"top_p":0.1}"""), target, out var drops));
        Assert.Equal(["top_p", "store"], drops);
    }

    [Fact]
    public void A_broken_half_of_a_pair_of_surrogates_does_no_harm()
    {
        var request = Read("{\"model\":\"m\",\"input\":\"a\\ud83d b\"}");
        Assert.Contains("b", Write(request, new RequestTarget { Model = "m" }, out _), StringComparison.Ordinal);
    }

    private static ChatRequest Read(string body)
    {
        Assert.Null(ResponsesDialect.Instance.ReadRequest(Encoding.UTF8.GetBytes(body), default, out var request));
        return request;
    }

    private static string Write(ChatRequest request, RequestTarget target, out IReadOnlyList<string> dropped)
    {
        var buffer = new ArrayBufferWriter<byte>();
        var drops = new DropList();
        Assert.Null(ResponsesDialect.Instance.WriteRequest(request, target, buffer, drops));
        dropped = drops.Names;
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}
