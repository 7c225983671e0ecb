using System.Text;
using Gateway.Guardrails.Engine;
using Gateway.McpHub.Gate;
using Gateway.McpHub.Guarding;
using Gateway.McpHub.Protocol;
using Gateway.McpHub.Upstreams;

namespace Gateway.McpHub.Policies;

/// <summary>What becomes of a tool's result under guardrails: as it is, with texts changed, or not let through.</summary>
internal static class ResultGuard
{
    public static async ValueTask<UpstreamReply> ApplyAsync(CallGuard guard, ToolCall call, CallState state, UpstreamReply reply, CancellationToken cancellation)
    {
        if (state.Policies.IsEmpty)
        {
            return reply;
        }

        if (ResultTexts.Read(reply.Json.Span, call.Tool.Name) is not { } result)
        {
            return Refused(state, "The result of the call cannot be read, so that the gateway's guardrails could not look at it.");
        }

        var guarded = await guard.CheckResultAsync(call, result.Texts, state.Policies, state.Notes, cancellation).ConfigureAwait(false);
        if (guarded.Verdict is GuardVerdict.Block or GuardVerdict.Approve)
        {
            return Refused(state, guarded.Message ?? "The result of the call is not let through by the gateway's guardrails.");
        }

        var restorer = await guard.RestorerAsync(call, state.Policies, cancellation).ConfigureAwait(false);

        // What guardrails took out of the arguments is the caller's own: he gets it back as it was, also where the result has it hidden anew.
        return restorer is not null ? UpstreamReply.Result(result.With([.. guarded.Texts.Select(t => t with { Text = restorer.Restore(t.Text, t.IsJson) })]))
            : guarded.IsChanged ? UpstreamReply.Result(result.With(guarded.Texts))
            : reply;
    }

    private static UpstreamReply Refused(CallState state, string sentence)
    {
        state.IsResultRefused = true;
        return UpstreamReply.Result(
            JsonBytes.Utf8("""{"content":[{"type":"text","text":""" + Encoding.UTF8.GetString(JsonBytes.Text(sentence)) + """}],"isError":true,"_meta":{"gateway/blocked":"Guardrail"}}"""));
    }
}
