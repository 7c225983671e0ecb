using System.Diagnostics;
using Gateway.Contracts.Mcp;
using Gateway.Contracts.Usage;
using Gateway.Dialects.Chat;

namespace Gateway.Edge.Telemetry;

/// <summary>The span of a tool that the gateway runs for a model, by the conventions for the execution of tools. Neither arguments nor results are on it.</summary>
internal static class ToolSpans
{
    /// <summary>Begins the span of a call; null where nothing is traced.</summary>
    public static Activity? Begin(ToolCallPart call, HubToolInfo tool)
    {
        if (EdgeTracing.Begin($"execute_tool {call.Name}") is not { } span)
        {
            return null;
        }

        span.SetTag("gen_ai.operation.name", "execute_tool");
        span.SetTag("gen_ai.tool.name", call.Name);
        span.SetTag("gen_ai.tool.call.id", call.Id);

        // Run here and not by the caller, on systems outside: what the conventions call an extension.
        span.SetTag("gen_ai.tool.type", "extension");
        span.SetTag("gateway.mcp.server", tool.Server);
        span.SetTag("gateway.mcp.tool", tool.Tool);
        return span;
    }

    /// <summary>Writes what came of it.</summary>
    /// <param name="span">The span, or null.</param>
    /// <param name="outcome">How the call counts.</param>
    /// <param name="costNanoUsd">What it cost.</param>
    /// <param name="error">Code of the gateway's own error; null for none.</param>
    /// <param name="said">What the hub said.</param>
    public static void End(Activity? span, RequestOutcome outcome, long costNanoUsd, string? error, McpCallOutcome said)
    {
        if (span is null)
        {
            return;
        }

        span.SetTag("gateway.outcome", EdgeMetrics.Name(outcome));
        span.SetTag("gateway.cost.usd", costNanoUsd / 1e9);
        if (outcome is not (RequestOutcome.Completed or RequestOutcome.ClientCancelled))
        {
            Fail(span, error ?? EdgeMetrics.Name(outcome));
        }
        else if (said == McpCallOutcome.ToolError)
        {
            // The call was made, and the tool says in its result that it failed.
            Fail(span, "tool_error");
        }
    }

    /// <summary>Marks a call as failed.</summary>
    public static void Fail(Activity? span, string type) => span?.SetTag("error.type", type).SetStatus(ActivityStatusCode.Error);
}
