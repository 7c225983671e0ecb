using System.Globalization;
using Gateway.Benchmarks.Guardrails;
using Gateway.Benchmarks.Guardrails.Pii;
using Gateway.Benchmarks.Guardrails.Secrets;
using Gateway.Benchmarks.Guardrails.Training;

// Quality of the detectors on open sets, and their cost. Without an argument: every quality part. «speed» (time of a check), «held» (what streams keep back) and «linear» (time over length of hostile texts) are asked for by name, «words» makes the groups of words anew, «train» the model of injection, «deep» the one of its second tier.
// Each part compares with benchmarks/results/guardrails-PART.txt and fails on a fall of more than a point; --write makes that file anew.
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
var parts = new Dictionary<string, Func<Options, QualityTable?>>(StringComparer.Ordinal)
{
    ["pii"] = PiiPart.Run,
    ["pii-patterns"] = PatternPart.Run,
    ["secrets"] = SecretsPart.Run,
    ["injection"] = InjectionPart.Run,
    ["content"] = ContentPart.Run,
    ["injection-speed"] = InjectionCost.Run,
    ["speed"] = SpeedPart.Run,
    ["held"] = HeldPart.Run,
    ["linear"] = LinearPart.Run,
    ["words"] = WordGroupMaking.Run,
    ["train"] = InjectionTraining.Run,
    ["deep"] = DeepTraining.Run,
};

var options = Options.Parse(args, parts.Keys);
if (options is null)
{
    return 2;
}

var failed = false;
foreach (var part in options.Parts)
{
    if (parts[part](options) is { } table)
    {
        failed |= !table.Report(part, options.Write);
    }
}

return failed ? 1 : Environment.ExitCode;
