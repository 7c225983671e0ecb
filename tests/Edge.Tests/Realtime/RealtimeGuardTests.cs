using System.Text;
using System.Text.Json.Nodes;
using Gateway.Contracts.Configuration;
using Gateway.Edge.Guarding;
using Gateway.Edge.Pipeline;
using Gateway.Edge.Realtime;
using Gateway.Guardrails.Engine.Policies;
using Microsoft.AspNetCore.Http;

namespace Gateway.Edge.Tests.Realtime;

/// <summary>What a model says in a session, message by message.</summary>
public sealed class RealtimeGuardTests
{
    [Theory]
    [InlineData("we saw a spar", "row", true)]
    [InlineData("we saw a fal", "con", false)]
    public void Sound_waits_for_its_transcript_and_goes_with_it_or_not_at_all(string first, string second, bool passes)
    {
        var guard = Guard(GuardrailAction.Redact);
        Assert.Empty(Pass(guard, Sound("AAAA")));
        Assert.NotEmpty(Pass(guard, Transcript(first)));
        Assert.Empty(Pass(guard, Sound("BBBB")));
        Pass(guard, Transcript(second));
        Assert.Empty(Pass(guard, """{"type":"response.output_audio.done","response_id":"r1","item_id":"i1","output_index":0,"content_index":0}"""));
        var end = Pass(guard, $$"""{"type":"response.output_audio_transcript.done","response_id":"r1","item_id":"i1","output_index":0,"content_index":0,"transcript":"{{first}}{{second}}"}""");
        var types = end.Select(static m => (string)JsonNode.Parse(m)!["type"]!).ToList();
        Assert.Equal(passes, types.Contains("response.output_audio.delta"));
        Assert.Equal("response.output_audio_transcript.done", types[^1]);
        Assert.DoesNotContain("falcon", string.Concat(end), StringComparison.OrdinalIgnoreCase);
        if (passes)
        {
            Assert.Equal(["AAAA", "BBBB"], end.Where(static m => m.Contains("audio.delta", StringComparison.Ordinal)).Select(static m => (string?)JsonNode.Parse(m)!["delta"]));
        }
    }

    [Fact]
    public void Sound_of_policies_that_need_not_see_it_passes_as_it_comes()
    {
        var guard = Guard(GuardrailAction.Flag);
        Assert.Equal([Sound("AAAA")], Pass(guard, Sound("AAAA")));
    }

    [Fact]
    public void Of_a_forbidden_response_nothing_more_passes_but_its_end_and_the_provider_is_told()
    {
        var guard = Guard(GuardrailAction.Block);
        var output = new List<ReadOnlyMemory<byte>>();
        var told = guard.Pass(Utf8("""{"type":"response.output_text.delta","response_id":"r1","item_id":"i1","output_index":0,"content_index":0,"delta":"a falcon "}"""), true, output);
        Assert.Equal("""{"type":"response.cancel","response_id":"r1"}""", Encoding.UTF8.GetString(told!.Value.Span));
        Assert.Equal(["response.output_text.delta", "error"], output.Select(static m => (string?)JsonNode.Parse(m.Span)!["type"]));
        Assert.Equal("a ", (string?)JsonNode.Parse(output[0].Span)!["delta"]);
        Assert.Empty(Pass(guard, """{"type":"response.output_text.delta","response_id":"r1","item_id":"i1","output_index":0,"content_index":0,"delta":"more"}"""));
        Assert.Single(Pass(guard, """{"type":"response.output_text.delta","response_id":"r2","item_id":"i2","output_index":0,"content_index":0,"delta":"of another "}"""));
        var end = JsonNode.Parse(Assert.Single(Pass(guard, """{"type":"response.done","response":{"id":"r1","status":"completed","output":[{"type":"message","content":[{"type":"output_text","text":"a falcon more"}]}]}}""")))!;
        Assert.Equal(("incomplete", 0), ((string?)end["response"]!["status"], end["response"]!["output"]!.AsArray().Count));
    }

    [Fact]
    public void Calls_of_tools_are_looked_at_by_the_tools_name()
    {
        var policy = new GuardrailRuleEntry { Detector = "tool_calls", Action = GuardrailAction.Block, Allow = ["search"], Scopes = [GuardrailScope.ToolCall] };
        foreach (var (tool, passes) in (IEnumerable<(string, bool)>)[("search", true), ("shell", false)])
        {
            var guard = Guard(policy);
            Pass(guard, $$$"""{"type":"response.output_item.added","response_id":"r1","output_index":0,"item":{"id":"i1","type":"function_call","name":"{{{tool}}}","call_id":"c1","arguments":""}}""");
            var output = Pass(guard, """{"type":"response.function_call_arguments.delta","response_id":"r1","item_id":"i1","output_index":0,"call_id":"c1","delta":"{\"a\":1}"}""");
            Assert.Equal(passes, !string.Concat(output).Contains("\"error\"", StringComparison.Ordinal));
        }
    }

    private static string Sound(string bytes) => $$"""{"type":"response.output_audio.delta","response_id":"r1","item_id":"i1","output_index":0,"content_index":0,"delta":"{{bytes}}"}""";

    private static string Transcript(string text) => $$"""{"type":"response.output_audio_transcript.delta","response_id":"r1","item_id":"i1","output_index":0,"content_index":0,"delta":"{{text}}"}""";

    private static List<string> Pass(RealtimeGuard guard, string message)
    {
        var output = new List<ReadOnlyMemory<byte>>();
        guard.Pass(Utf8(message), true, output);
        return [.. output.Select(static m => Encoding.UTF8.GetString(m.Span))];
    }

    private static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);

    private static RealtimeGuard Guard(GuardrailAction action) => Guard(new GuardrailRuleEntry { Detector = "keywords", Action = action, Scopes = [GuardrailScope.Output], Terms = ["falcon"] });

    private static RealtimeGuard Guard(GuardrailRuleEntry rule)
    {
        var set = new PolicySet([PolicyCompiler.Compile(new GuardrailPolicyEntry { Id = "p", Rules = [rule] }).Policy!]);
        return RealtimeGuard.For(new RequestContext(new DefaultHttpContext(), OperationSpec.Chat, null!, 0, 0) { Guard = new GuardState(set, set) })!;
    }
}
