using System.Globalization;
using Gateway.Catalogue;
using Gateway.Contracts.Configuration;
using Gateway.Contracts.Usage;
using Gateway.Edge.Configuration.Schema;

namespace Gateway.Edge.Configuration.Building;

/// <summary>An override of the file and where it names others.</summary>
internal sealed record FilePriceOverride(PriceOverrideEntry Entry, TextValue? Deployment, TextValue? Provider, TextValue? Customer);

/// <summary>Reads prices, of deployments and of <c>priceOverrides</c>.</summary>
internal static class PriceSection
{
    private const int VersionLength = 64;
    private const int OverrideVersionLength = 32;

    // In the order of the schema's choices.
    private static readonly ServiceTier[] Tiers = [ServiceTier.Standard, ServiceTier.Batch, ServiceTier.Priority, ServiceTier.Flex];
    private static readonly ImageQuality[] Qualities = [ImageQuality.Unknown, ImageQuality.Standard, ImageQuality.Hd, ImageQuality.Low, ImageQuality.Medium, ImageQuality.High];
    private static readonly string[] TimeFormats = ["yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", "yyyy-MM-dd"];

    /// <summary>The price of a deployment itself.</summary>
    public static PriceEntry ReadOwn(SectionReader section, BuildContext context)
    {
        var before = context.Errors;
        var price = Read(section, context, Version(section, context, VersionLength) ?? section.DefaultOf("version"));
        // A deployment's price of two zeros has always meant that it is free.
        var isFree = section.Has("inputPerMillion") && section.Has("outputPerMillion") && PriceOverrideCheck.Problem(price with { Free = true }) is null;
        if (!isFree && context.Errors == before && PriceOverrideCheck.Problem(price) is { } problem)
        {
            context.Error(section.Path, section.Place, problem);
        }

        return isFree ? price with { Free = true } : price;
    }

    /// <summary>Reads <c>priceOverrides</c>. What one must be, <see cref="PriceOverrideCheck"/> says.</summary>
    public static List<FilePriceOverride> ReadOverrides(SectionReader root, BuildContext context)
    {
        var overrides = new List<FilePriceOverride>();
        foreach (var (id, section) in root.Map("priceOverrides"))
        {
            Names.CheckId(context, id);
            TextValue? deployment = section.Text("deployment"), provider = section.Text("provider"), customer = section.Text("customer");
            var before = context.Errors;
            var entry = new PriceOverrideEntry
            {
                Id = id.Text,
                DeploymentId = deployment?.Text,
                ProviderId = provider?.Text,
                CustomerId = customer?.Text,
                Model = section.Text("model")?.Text ?? section.DefaultOf("model"),
                Enabled = section.Flag("enabled"),
                Versions = [.. section.Items("versions").Select(v => ReadVersion(v, context))],
            };
            // What cannot be read is told of already.
            foreach (var problem in context.Errors > before || !section.Has("versions") ? [] : PriceOverrideCheck.Problems(entry))
            {
                context.Error(section.Join("versions"), section.PlaceOf("versions"), problem);
            }

            overrides.Add(new FilePriceOverride(entry, deployment, provider, customer));
        }

        return overrides;
    }

    private static PriceOverrideVersion ReadVersion(SectionReader section, BuildContext context) => new()
    {
        Version = Version(section, context, OverrideVersionLength),
        From = Time(section, context, "from"),
        Until = Time(section, context, "until"),
        FactorBasisPoints = (int?)section.Integer("factorBasisPoints"),
        Price = section.Has("price") ? Read(section.Section("price"), context, "") : null,
    };

    private static PriceEntry Read(SectionReader price, BuildContext context, string version)
    {
        var free = price.Flag("free");
        foreach (var name in (ReadOnlySpan<string>)["inputPerMillion", "outputPerMillion"])
        {
            if (!free && !price.Has(name))
            {
                context.Error(price.Join(name), price.Place, $"This key is missing. Legal: {ConfigurationSchema.At(PriceRows.Own + name).Legal}.");
            }
        }

        return new PriceEntry
        {
            Version = version,
            Free = free,
            InputPerMillion = Nano(price, "inputPerMillion") ?? 0,
            OutputPerMillion = Nano(price, "outputPerMillion") ?? 0,
            CacheReadPerMillion = Nano(price, "cacheReadPerMillion"),
            CacheWritePerMillion = Nano(price, "cacheWritePerMillion"),
            CacheWriteHourPerMillion = Nano(price, "cacheWriteHourPerMillion"),
            ReasoningPerMillion = Nano(price, "reasoningPerMillion"),
            AudioInputPerMillion = Nano(price, "audioInputPerMillion"),
            AudioCacheReadPerMillion = Nano(price, "audioCacheReadPerMillion"),
            AudioOutputPerMillion = Nano(price, "audioOutputPerMillion"),
            ImageInputPerMillion = Nano(price, "imageInputPerMillion"),
            ImageCacheReadPerMillion = Nano(price, "imageCacheReadPerMillion"),
            ImageOutputPerMillion = Nano(price, "imageOutputPerMillion"),
            PerRequest = Nano(price, "perRequest") ?? 0,
            PerImage = Nano(price, "perImage") ?? 0,
            Images = [.. price.Items("images").Select(ReadImage)],
            PerMillionPixels = Nano(price, "perMillionPixels") ?? 0,
            PerAudioSecond = Nano(price, "perAudioSecond") ?? 0,
            PerCharacter = Nano(price, "perCharacter") ?? 0,
            PerSearch = Nano(price, "perSearch") ?? 0,
            PerWebSearch = Nano(price, "perWebSearch") ?? 0,
            PerWebSearchLow = Nano(price, "perWebSearchLow"),
            PerWebSearchHigh = Nano(price, "perWebSearchHigh"),
            Variants = [.. price.Items("variants").Select(v => ReadVariant(v, context))],
        };
    }

    private static PriceVariantEntry ReadVariant(SectionReader variant, BuildContext context)
    {
        var tier = variant.Choice("tier");
        var above = variant.Integer("abovePromptTokens") ?? 0;
        if (tier == 0 && above == 0)
        {
            context.Error(variant.Path, variant.Place, "A variant is for a tier, for long prompts, or both. Legal: a 'tier' other than standard, or 'abovePromptTokens' above 0.");
        }

        return new PriceVariantEntry
        {
            Tier = tier > 0 ? Tiers[tier] : null,
            AbovePromptTokens = above,
            InputPerMillion = Nano(variant, "inputPerMillion"),
            OutputPerMillion = Nano(variant, "outputPerMillion"),
            CacheReadPerMillion = Nano(variant, "cacheReadPerMillion"),
            CacheWritePerMillion = Nano(variant, "cacheWritePerMillion"),
            CacheWriteHourPerMillion = Nano(variant, "cacheWriteHourPerMillion"),
            ReasoningPerMillion = Nano(variant, "reasoningPerMillion"),
            AudioInputPerMillion = Nano(variant, "audioInputPerMillion"),
            AudioCacheReadPerMillion = Nano(variant, "audioCacheReadPerMillion"),
            AudioOutputPerMillion = Nano(variant, "audioOutputPerMillion"),
            ImageInputPerMillion = Nano(variant, "imageInputPerMillion"),
            ImageCacheReadPerMillion = Nano(variant, "imageCacheReadPerMillion"),
            ImageOutputPerMillion = Nano(variant, "imageOutputPerMillion"),
        };
    }

    private static ImagePriceEntry ReadImage(SectionReader image) => new()
    {
        Quality = Qualities[image.Choice("quality")],
        MaxPixels = image.Integer("maxPixels") ?? 0,
        PerImage = Nano(image, "perImage") ?? 0,
    };

    private static string? Version(SectionReader section, BuildContext context, int most)
    {
        var version = section.Text("version");
        if (version is not null && version.Text.Length > most)
        {
            context.Error(version, $"This is too long. Legal: text of at most {most} characters.");
        }

        return version?.Text;
    }

    private static DateTimeOffset? Time(SectionReader section, BuildContext context, string name)
    {
        if (section.Text(name) is not { } text)
        {
            return null;
        }

        if (DateTimeOffset.TryParseExact(text.Text, TimeFormats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time))
        {
            return time;
        }

        context.Error(text, $"'{text.Text}' is not a time. Legal: {PriceRows.TimeForm}.");
        return null;
    }

    private static long? Nano(SectionReader price, string key) => price.Amount(key) is { } usd ? NanoUsd.FromUsd(usd) : null;
}
