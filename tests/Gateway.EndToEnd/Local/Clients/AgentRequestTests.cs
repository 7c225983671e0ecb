using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace Gateway.EndToEnd.Local.Clients;

/// <summary>Requests of the shapes that coding agents send (the words are our own), for providers of every dialect.</summary>
[Collection(ProvidersFixture.Name)]
public sealed class AgentRequestTests(ProvidersFixture gateway)
{
    /// <summary>Members whose form matters are as they were seen on the wire; texts are as long as theirs.</summary>
    private static readonly Dictionary<string, (string Path, string Body, (string, string)[] Headers)> _agents = new(StringComparer.Ordinal)
    {
        ["Claude Code"] = ("/anthropic/v1/messages?beta=true", ClaudeCode, [
            ("anthropic-version", "2023-06-01"),
            ("anthropic-beta", "claude-code-20250219,interleaved-thinking-2025-05-14,context-management-2025-06-27,mid-conversation-tool-changes-2026-07-01,effort-2025-11-24"),
            ("x-stainless-retry-count", "0"), ("x-app", "cli"), ("anthropic-dangerous-direct-browser-access", "true"), ("user-agent", "claude-cli/2.1.330 (external, sdk-cli)")]),
        ["Codex"] = ("/openai/v1/responses", Codex, [("originator", "codex_exec"), ("session-id", "01a1"), ("x-codex-beta-features", "remote_compaction_v2"), ("accept", "text/event-stream")]),
        ["Gemini CLI"] = ("/genai/v1beta/models/MODEL:streamGenerateContent?alt=sse", GeminiCli, [("x-goog-api-client", "google-genai-sdk/1.30.0 gl-node/v22")]),
        ["Gemini CLI routing"] = ("/genai/v1beta/models/MODEL:generateContent", GeminiRouting, [("x-goog-api-client", "google-genai-sdk/1.30.0 gl-node/v22")]),
    };

    public static IEnumerable<TheoryDataRow<string, string>> Pairs() =>
        from agent in _agents.Keys from provider in ProvidersFixture.Providers select new TheoryDataRow<string, string>(agent, provider);

    [Theory]
    [MemberData(nameof(Pairs))]
    public async Task A_coding_agent_gets_its_words_and_its_tool_calls(string agent, string provider)
    {
        var routing = agent == "Gemini CLI routing";
        var words = await AskAsync(agent, provider + (routing ? "-json" : "-text"));
        Assert.Contains(routing ? "Oslo" : "three", words, StringComparison.Ordinal);
        AssertEnds(agent, words);

        if (!routing)
        {
            var calls = await AskAsync(agent, provider + "-tools");
            Assert.Contains("list_files", calls, StringComparison.Ordinal);
            AssertEnds(agent, calls);
        }
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public async Task A_coding_agent_goes_on_after_its_tools(string agent, string provider)
    {
        if (agent == "Gemini CLI routing")
        {
            return;
        }

        var words = await AskAsync(agent, provider + "-tools", body => AfterTools(agent, body));
        Assert.Contains("three", words, StringComparison.Ordinal);
        AssertEnds(agent, words);
    }

    private static void AssertEnds(string agent, string stream)
    {
        var end = agent switch { "Claude Code" => "\"message_stop\"", "Codex" => "\"response.completed\"", _ => "\"STOP\"" };
        Assert.Contains(end, stream, StringComparison.Ordinal);
        Assert.DoesNotContain("\"error\":{", stream, StringComparison.Ordinal);
    }

    private async Task<string> AskAsync(string agent, string model, Action<JsonNode>? change = null)
    {
        var (path, template, headers) = _agents[agent];
        var body = JsonNode.Parse(template.Replace("MODEL", model, StringComparison.Ordinal).Replace("LONG", new string('w', 12_000), StringComparison.Ordinal))!;
        if (agent == "Claude Code" && model.StartsWith("anthropic", StringComparison.Ordinal))
        {
            // Where the API refuses an instruction amid the conversation, the agent leaves it out.
            body["messages"]!.AsArray().RemoveAt(1);
        }

        change?.Invoke(body);
        using var request = new HttpRequestMessage(HttpMethod.Post, gateway.Url + path.Replace("MODEL", model, StringComparison.Ordinal));
        request.Content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", ProvidersFixture.Key);
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using var client = new HttpClient();
        using var response = await client.SendAsync(request, TestContext.Current.CancellationToken);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(response.IsSuccessStatusCode, $"{agent} of {model}: {(int)response.StatusCode} {text}");
        return text;
    }

    private static void AfterTools(string agent, JsonNode body)
    {
        var (list, turns) = agent switch
        {
            "Claude Code" => ("messages", """
                [{"role":"assistant","content":[{"type":"text","text":"I look."},{"type":"tool_use","id":"toolu_1","name":"list_files","input":{"path":"."}}]},
                 {"role":"user","content":[{"type":"tool_result","tool_use_id":"toolu_1","content":"a.txt","is_error":false}]}]
                """),
            "Codex" => ("input", """
                [{"type":"function_call","status":"completed","id":"fc_1","name":"list_files","arguments":"{\"path\":\".\"}","call_id":"call_1"},
                 {"type":"function_call_output","id":"fco_1","call_id":"call_1","output":"a.txt"}]
                """),
            _ => ("contents", """
                [{"role":"model","parts":[{"functionCall":{"id":"call_1","name":"list_files","args":{"path":"."}},"thoughtSignature":"skip_thought_signature_validator"}]},
                 {"role":"user","parts":[{"functionResponse":{"id":"call_1","name":"list_files","response":{"output":"a.txt"}}}]}]
                """),
        };
        foreach (var turn in JsonNode.Parse(turns)!.AsArray())
        {
            body[list]!.AsArray().Add(turn!.DeepClone());
        }
    }

    private const string ClaudeCode = """
        {"model":"MODEL","max_tokens":32000,"stream":true,"metadata":{"user_id":"{\"device_id\":\"d\",\"session_id\":\"s\"}"},
         "system":[{"type":"text","text":"x-billing: cli"},{"type":"text","text":"You help with code.","cache_control":{"type":"ephemeral"}},{"type":"text","text":"LONG","cache_control":{"type":"ephemeral"}}],
         "messages":[{"role":"user","content":[{"type":"text","text":"<reminder>LONG</reminder>"},{"type":"text","text":"say hello"}]},
          {"role":"system","content":[{"type":"text","text":"More tools may come.","cache_control":{"type":"ephemeral"}}]}],
         "tools":[{"name":"list_files","description":"LONG","input_schema":{"$schema":"https://json-schema.org/draft/2020-12/schema","type":"object",
           "properties":{"path":{"description":"Where","type":"string"},"depth":{"type":"number"},"hidden":{"type":"boolean"}},"required":["path"],"additionalProperties":false}},
          {"name":"edit","description":"Edits","input_schema":{"type":"object","properties":{"edits":{"type":"array","items":{"type":"object","properties":{"old":{"type":"string"},"new":{"type":"string"}},"required":["old","new"]}}},"required":["edits"]}}],
         "thinking":{"type":"adaptive"},"context_management":{"edits":[{"type":"clear_thinking_20251015","keep":"all"}]},"output_config":{"effort":"high"}}
        """;

    private const string Codex = """
        {"model":"MODEL","stream":true,"store":false,"include":["reasoning.encrypted_content"],"prompt_cache_key":"01a1","tool_choice":"auto","parallel_tool_calls":true,"reasoning":{"summary":"auto"},
         "client_metadata":{"session_id":"01a1","turn_id":"01a2"},
         "input":[{"type":"message","id":"msg_1","role":"developer","content":[{"type":"input_text","text":"LONG"}]},
          {"type":"message","id":"msg_2","role":"developer","content":[{"type":"input_text","text":"LONG"},{"type":"input_text","text":"Be brief."}]},
          {"type":"message","id":"msg_3","role":"user","content":[{"type":"input_text","text":"<environment>linux</environment>"}]},
          {"type":"message","id":"msg_4","role":"user","content":[{"type":"input_text","text":"say hello"}]}],
         "tools":[{"type":"function","name":"list_files","description":"LONG","strict":false,"parameters":{"type":"object","properties":{"path":{"type":"string"},"limit":{"type":"number"},"rule":{"type":"array","items":{"type":"string"}}},"required":["path"],"additionalProperties":false}},
          {"type":"function","name":"get_goal","description":"The goal","strict":false,"parameters":{"type":"object","properties":{},"additionalProperties":false}},
          {"type":"web_search","external_web_access":false}]}
        """;

    private const string GeminiCli = """
        {"systemInstruction":{"role":"user","parts":[{"text":"LONG LONG"}]},
         "contents":[{"role":"user","parts":[{"text":"<session_context>LONG</session_context>"},{"text":"say hello"}]}],
         "tools":[{"functionDeclarations":[{"name":"list_files","description":"LONG","parametersJsonSchema":{"type":"object","properties":{"path":{"type":"string"},"ignore":{"type":"array","items":{"type":"string"}},
           "options":{"type":"object","properties":{"git":{"type":"boolean"}}}},"required":["path"]}},
          {"name":"update_topic","description":"Names the topic","parametersJsonSchema":{"type":"object","properties":{"title":{"type":"string"}}}}]}],
         "generationConfig":{"temperature":1,"topP":0.95,"topK":64,"thinkingConfig":{"includeThoughts":true}}}
        """;

    private const string GeminiRouting = """
        {"systemInstruction":{"role":"user","parts":[{"text":"Choose a model. LONG"}]},
         "contents":[{"role":"user","parts":[{"text":"say hello"}]}],
         "generationConfig":{"temperature":0,"topP":1,"maxOutputTokens":1024,"thinkingConfig":{"thinkingBudget":512},"responseMimeType":"application/json",
          "responseJsonSchema":{"type":"object","properties":{"city":{"type":"string"},"degrees":{"type":"integer"}},"required":["city","degrees"]}}}
        """;
}
