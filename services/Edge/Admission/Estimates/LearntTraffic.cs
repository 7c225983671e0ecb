using System.Collections.Concurrent;
using Gateway.Contracts.Configuration;
using Gateway.Contracts.Usage;
using Gateway.Edge.Pipeline;
using Gateway.Tokenizers;

namespace Gateway.Edge.Admission.Estimates;

/// <summary>What settled requests have taught about the models they went to. Kept across changes of the configuration, in memory only.</summary>
internal sealed class LearntTraffic
{
    // Beyond it further models are not learnt from: names of a wildcard route may be the caller's.
    private const int MostModels = 4_096;

    private readonly ConcurrentDictionary<(string Deployment, string Model), ModelTraffic> _models = new();

    /// <summary>What is known of a deployment's model.</summary>
    public ModelTraffic Of(string deploymentId, string model) => _models.GetValueOrDefault((deploymentId, model), ModelTraffic.Unknown);

    /// <summary>Learns from a request whose usage its provider has reported.</summary>
    public void Learn(RequestContext context)
    {
        if (context.Deployment is not { } deployment || !IsText(context.Operation.Operation) || !context.HasUsage || context.Side is not null)
        {
            return;
        }

        if (context.Outcome is not (RequestOutcome.Completed or RequestOutcome.BudgetStopped) || Learning(deployment.Id, context.ModelFor(deployment)) is not { } traffic)
        {
            return;
        }

        ref var tokens = ref context.Tokens;
        if (context.Envelope.MaxOutputTokens < 0 && context.Reservation.SetCap == 0)
        {
            traffic.AddOutput(tokens.Generated / Math.Max(1, context.Envelope.Choices));
        }

        if (context.OutputTextBytes > 0 && tokens.Output > 0 && tokens.Reasoning == 0 && context.Outcome == RequestOutcome.Completed)
        {
            traffic.AddText(context.OutputTextBytes, tokens.Output);
        }

        if (context.Settings.PromptEstimate == PromptEstimatePolicy.Estimated && context.Form is null && context.Envelope is { Media: 0, References: 0 })
        {
            traffic.AddPrompt(ByteClasses.Estimate(context.Body.Span), tokens.Prompt);
        }
    }

    /// <summary>True for what generates text.</summary>
    public static bool IsText(Operation operation) => operation is Operation.Chat or Operation.Completion;

    /// <summary>Where is learnt of a deployment's model; null when there are too many.</summary>
    public ModelTraffic? Learning(string deploymentId, string model)
    {
        var key = (deploymentId, model);
        return _models.TryGetValue(key, out var known) ? known
            : _models.Count >= MostModels ? null
            : _models.GetOrAdd(key, static _ => new ModelTraffic());
    }
}
