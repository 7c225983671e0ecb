using System.Globalization;
using Gateway.Benchmarks.SemCache;
using Gateway.Benchmarks.SemCache.Data;
using Gateway.Benchmarks.SemCache.Training;
using Gateway.SemanticMatching.Scoring;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
var command = args.FirstOrDefault() ?? "help";
var options = args.Skip(1).Where(static a => a.Contains('=')).ToDictionary(static a => a[..a.IndexOf('=')], static a => a[(a.IndexOf('=') + 1)..], StringComparer.Ordinal);
if (command == "speed")
{
    await Speed.RunAsync(int.Parse(options.GetValueOrDefault("entries", "1000000"), CultureInfo.InvariantCulture), options.GetValueOrDefault("save"));
    return 0;
}

if (PairSet.Path() is not { } path)
{
    Console.Error.WriteLine("The development pairs (../shared/data/semcache/gptcache/qqp-dev-12000.jsonl) are not on this machine.");
    return 1;
}

var pairs = PairSet.Load(path, options.GetValueOrDefault("vectors"));
switch (command)
{
    case "train":
        var booster = new BoosterOptions();
        booster = booster with
        {
            Trees = int.Parse(options.GetValueOrDefault("trees", $"{booster.Trees}"), CultureInfo.InvariantCulture),
            Depth = int.Parse(options.GetValueOrDefault("depth", $"{booster.Depth}"), CultureInfo.InvariantCulture),
            Rate = float.Parse(options.GetValueOrDefault("rate", $"{booster.Rate}"), CultureInfo.InvariantCulture),
            L2 = float.Parse(options.GetValueOrDefault("l2", $"{booster.L2}"), CultureInfo.InvariantCulture),
            FeatureShare = float.Parse(options.GetValueOrDefault("features", $"{booster.FeatureShare}"), CultureInfo.InvariantCulture),
        };
        var trained = Trainer.Train(pairs.Train, booster);
        QualityReport.Print(pairs, trained);
        if (options.TryGetValue("out", out var file))
        {
            using var stream = File.Create(file);
            trained.Write(stream);
        }

        return 0;
    case "quality":
        QualityReport.Print(pairs, SameAnswerModel.Default);
        return 0;
    case "signs":
        QualityReport.Signs(pairs);
        return 0;
    case "day":
        var bound = options.TryGetValue("bound", out var wanted) ? double.Parse(wanted, CultureInfo.InvariantCulture) : (double?)null;
        await Simulation.RunAsync(pairs, int.Parse(options.GetValueOrDefault("requests", "100000"), CultureInfo.InvariantCulture), bound);
        return 0;
    default:
        Console.Error.WriteLine("semcache train [out=FILE] | quality | signs | day [requests=N] [bound=0.01] | speed [entries=N] [save=FILE|none]; vectors=FILE keeps the pairs' embeddings");
        return 2;
}
