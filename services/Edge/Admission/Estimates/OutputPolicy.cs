using Gateway.Contracts.Configuration;
using Gateway.Edge.Pipeline;

namespace Gateway.Edge.Admission.Estimates;

/// <summary>What decides how much is held for the answer of a request: the key's policy before that of the route asked for, and that before the settings.</summary>
internal readonly struct OutputPolicy
{
    // Small, since every request has one.
    private readonly byte _cap;

    private OutputPolicy(OutputCapPolicy cap, int tokens) => (_cap, Tokens) = ((byte)cap, tokens);

    /// <summary>Output tokens where no limit of the model is known, and where the policy is to set them.</summary>
    public int Tokens { get; }

    /// <summary>True when the policy holds. Where a cap was named, or what is generated is no text, only the models' limits do.</summary>
    public bool Is(OutputCapPolicy policy) => _cap == (byte)policy;

    /// <summary>The policy over a request, as soon as its key and its route are known.</summary>
    public static OutputPolicy Of(RequestContext context)
    {
        var route = context.Route?.Entry;
        var access = context.Key!.Access;
        var cap = context.Envelope.MaxOutputTokens >= 0 || !LearntTraffic.IsText(context.Operation.Operation)
            ? OutputCapPolicy.ModelLimit
            : access.OutputCap ?? route?.OutputCap ?? context.Settings.OutputCap;
        return new OutputPolicy(cap, access.DefaultOutputTokens ?? route?.DefaultOutputTokens ?? context.Settings.DefaultOutputTokens);
    }
}
