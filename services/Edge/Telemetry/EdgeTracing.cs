using System.Diagnostics;
using Gateway.Edge.Guarding;
using Gateway.Edge.Pipeline;

namespace Gateway.Edge.Telemetry;

/// <summary>The span of an inference request, by the OpenTelemetry semantic conventions for generative AI. Never carries message content.</summary>
internal static class EdgeTracing
{
    public const string SourceName = "Gateway.Edge";

    public static ActivitySource Source { get; } = new(SourceName);

    public static Activity? Start(RequestContext context) =>
        Source.StartActivity(context.Operation.Name, ActivityKind.Client);

    public static void Finish(Activity? activity, RequestContext context)
    {
        if (activity is not { IsAllDataRequested: true })
        {
            return;
        }

        activity.DisplayName = context.ModelName.Length == 0 ? context.Operation.Name : $"{context.Operation.Name} {context.ModelName}";
        activity.SetTag("gen_ai.operation.name", context.Operation.Name);
        activity.SetTag("gen_ai.request.model", context.ModelName);
        activity.SetTag("gen_ai.provider.name", context.Deployment?.Provider.Id);
        activity.SetTag("gen_ai.usage.input_tokens", context.Tokens.Prompt);
        activity.SetTag("gen_ai.usage.output_tokens", context.Tokens.Generated);
        activity.SetTag("gateway.key.id", context.Key?.Id);
        activity.SetTag("gateway.attempts", context.Attempts.Made);
        activity.SetTag("gateway.outcome", context.Outcome.ToString());
        activity.SetTag("http.response.status_code", context.Status);
        if (context.Continued is { } continued)
        {
            activity.SetTag("gateway.continued", continued.ToArray());
        }

        if (context.Guard is { } guard && GuardHeader.Text(guard) is { Length: > 0 } guardrails)
        {
            activity.SetTag("gateway.guardrails", guardrails);
        }

        context.Decision?.Tell(activity);
        if (context.Failure is { } failure)
        {
            activity.SetStatus(ActivityStatusCode.Error, failure.Row.Code);
            activity.SetTag("error.type", failure.Row.Code);
        }
    }
}
