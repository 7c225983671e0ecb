using Gateway.Catalogue;
using Gateway.Contracts.Configuration;

namespace Gateway.Edge.Configuration.Building;

/// <summary>A deployment of the file and where it names its provider.</summary>
internal sealed record FileDeployment(DeploymentEntry Entry, TextValue? Provider);

/// <summary>Reads <c>deployments</c>.</summary>
internal static class DeploymentSection
{
    public static List<FileDeployment> Read(SectionReader root, BuildContext context)
    {
        var deployments = new List<FileDeployment>();
        foreach (var (id, section) in root.Map("deployments"))
        {
            Names.CheckId(context, id);
            var provider = section.Text("provider");
            var model = section.Text("model");
            if (model is not null && model.Text.Count(static c => c == '*') > 1)
            {
                context.Error(model, "A '*' is only allowed once. Legal: a model name, in which one '*' stands for what the '*' of the route matched.");
            }

            deployments.Add(new FileDeployment(
                new DeploymentEntry
                {
                    Id = id.Text,
                    ProviderId = provider?.Text ?? "",
                    Model = model?.Text ?? "",
                    Price = section.Has("price") ? ReadPrice(section.Section("price"), context) : null,
                    MaxOutputTokens = (int?)section.Integer("maxOutputTokens")
                        ?? (provider is null || model is null ? null : PriceTable.Default.FindModel(provider.Text, model.Text)?.MaxOutputTokens),
                },
                provider));
        }

        return deployments;
    }

    private static PriceEntry ReadPrice(SectionReader price, BuildContext context)
    {
        var version = price.Text("version");
        if (version is { Text.Length: > 64 })
        {
            context.Error(version, "This is too long. Legal: text of at most 64 characters.");
        }

        return new PriceEntry
        {
            Version = version?.Text ?? price.DefaultOf("version"),
            InputPerMillion = Nano(price, "inputPerMillion") ?? 0,
            OutputPerMillion = Nano(price, "outputPerMillion") ?? 0,
            CacheReadPerMillion = Nano(price, "cacheReadPerMillion"),
            CacheWritePerMillion = Nano(price, "cacheWritePerMillion"),
            ReasoningPerMillion = Nano(price, "reasoningPerMillion"),
            AudioInputPerMillion = Nano(price, "audioInputPerMillion"),
            AudioOutputPerMillion = Nano(price, "audioOutputPerMillion"),
            ImageInputPerMillion = Nano(price, "imageInputPerMillion"),
            PerRequest = Nano(price, "perRequest") ?? 0,
            PerImage = Nano(price, "perImage") ?? 0,
            PerAudioSecond = Nano(price, "perAudioSecond") ?? 0,
            PerCharacter = Nano(price, "perCharacter") ?? 0,
            PerSearch = Nano(price, "perSearch") ?? 0,
        };
    }

    private static long? Nano(SectionReader price, string key) => price.Amount(key) is { } usd ? NanoUsd.FromUsd(usd) : null;
}
