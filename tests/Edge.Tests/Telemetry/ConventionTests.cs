using Gateway.Edge.Telemetry;

namespace Gateway.Edge.Tests.Telemetry;

/// <summary>Spans against the OpenTelemetry semantic conventions for generative AI, version 1.41.1: names, types and what must be there.</summary>
public sealed class ConventionTests
{
    private static readonly Dictionary<string, Type> _attributes = new(StringComparer.Ordinal)
    {
        ["gen_ai.operation.name"] = typeof(string),
        ["gen_ai.provider.name"] = typeof(string),
        ["gen_ai.request.model"] = typeof(string),
        ["gen_ai.request.max_tokens"] = typeof(long),
        ["gen_ai.request.choice.count"] = typeof(long),
        ["gen_ai.request.temperature"] = typeof(double),
        ["gen_ai.request.top_p"] = typeof(double),
        ["gen_ai.request.top_k"] = typeof(double),
        ["gen_ai.request.frequency_penalty"] = typeof(double),
        ["gen_ai.request.presence_penalty"] = typeof(double),
        ["gen_ai.request.seed"] = typeof(long),
        ["gen_ai.request.stream"] = typeof(bool),
        ["gen_ai.output.type"] = typeof(string),
        ["gen_ai.response.id"] = typeof(string),
        ["gen_ai.response.model"] = typeof(string),
        ["gen_ai.response.finish_reasons"] = typeof(object[]),
        ["gen_ai.response.time_to_first_chunk"] = typeof(double),
        ["gen_ai.usage.input_tokens"] = typeof(long),
        ["gen_ai.usage.output_tokens"] = typeof(long),
        ["gen_ai.usage.cache_read.input_tokens"] = typeof(long),
        ["gen_ai.usage.cache_creation.input_tokens"] = typeof(long),
        ["gen_ai.usage.reasoning.output_tokens"] = typeof(long),
        ["gen_ai.conversation.id"] = typeof(string),
        ["gen_ai.input.messages"] = typeof(string),
        ["gen_ai.output.messages"] = typeof(string),
        ["gen_ai.system_instructions"] = typeof(string),
        ["server.address"] = typeof(string),
        ["server.port"] = typeof(long),
        ["error.type"] = typeof(string),
        ["http.response.status_code"] = typeof(long),
    };

    public static TheoryData<string, string, string> Bodies => new()
    {
        { """{"id":"c1","model":"gpt-x","choices":[{"finish_reason":"tool_calls","message":{"id":"no","tool_calls":[{"id":"t1","type":"function","function":{"name":"f","arguments":"{\"name\":\"secret\"}"}}]}}]}""", "tool_calls", "f" },
        { """{"id":"m1","type":"message","model":"claude-x","stop_reason":"tool_use","content":[{"type":"text","text":"name"},{"type":"tool_use","id":"t1","name":"f","input":{"name":"secret"}}]}""", "tool_use", "f" },
        { """{"type":"content_block_start","index":1,"content_block":{"type":"tool_use","id":"t1","name":"f","input":{}}}""", "", "f" },
        { """{"responseId":"g1","modelVersion":"gemini-x","candidates":[{"content":{"parts":[{"functionCall":{"name":"f","args":{"name":"secret"}}}]},"finishReason":"STOP"}]}""", "STOP", "f" },
        { """{"output":{"message":{"role":"assistant","content":[{"toolUse":{"toolUseId":"t1","name":"f","input":{"name":"secret"}}}]}},"stopReason":"tool_use"}""", "tool_use", "f" },
        { """{"type":"response.completed","response":{"id":"r1","model":"gpt-x","status":"completed","output":[{"type":"function_call","id":"fc","call_id":"t1","name":"f","arguments":"{}"}]}}""", "", "f" },
        { """not json""", "", "" },
        { """{"choices":[{"finish_reason":""", "", "" },
    };

    /// <summary>Holds a span of a call against the conventions.</summary>
    internal static void Check(OtlpSpan call)
    {
        Assert.Equal(3, call.Kind);
        Assert.Equal($"{call["gen_ai.operation.name"]} {call["gen_ai.request.model"]}", call.Name);
        foreach (var (name, value) in call.Tags)
        {
            Assert.True(_attributes.ContainsKey(name) || name.StartsWith("gateway.", StringComparison.Ordinal), $"{name} is neither of the conventions nor the gateway's own");
            if (_attributes.TryGetValue(name, out var type))
            {
                Assert.True(value?.GetType() == type, $"{name} is {value?.GetType().Name}, and not {type.Name}");
            }
        }

        Assert.All(["gen_ai.operation.name", "gen_ai.provider.name", "gen_ai.request.model"], required => Assert.NotNull(call[required]));
        Assert.Equal(call["server.address"] is null, call["server.port"] is null);
        Assert.Equal(call.Status == 2, call["error.type"] is not null);
    }

    [Theory]
    [MemberData(nameof(Bodies))]
    public void Answers_of_every_dialect_tell_why_they_ended_and_which_tools_they_call(string body, string finish, string tool)
    {
        var facts = new AnswerFacts();
        facts.Read(System.Text.Encoding.UTF8.GetBytes(body));
        Assert.Equal(finish.Length == 0 ? [] : [finish], facts.Finishes);
        Assert.Equal(tool.Length == 0 ? [] : [tool], facts.Tools);
    }

    [Fact]
    public void The_share_is_what_the_variables_of_opentelemetry_say()
    {
        Assert.Equal(1, Of(null, null));
        Assert.Equal(0, Of("always_off", null));
        Assert.Equal(0.25, Of("parentbased_traceidratio", "0.25"));
        Assert.Equal(1, Of("traceidratio", "nonsense"));

        static double Of(string? sampler, string? argument) => TraceSampling.OfEnvironment(name => name == "OTEL_TRACES_SAMPLER" ? sampler : argument);
    }
}
