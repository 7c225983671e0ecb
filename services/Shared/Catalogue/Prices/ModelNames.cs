namespace Gateway.Catalogue;

/// <summary>What can safely be told from the form of a model name.</summary>
internal static class ModelNames
{
    /// <summary>The name without vendor, region, revision and date, in lower case: what the same model is called elsewhere.</summary>
    public static string Family(string model)
    {
        var name = model.AsSpan(model.LastIndexOf('/') + 1);
        var at = name.IndexOf('@');
        if (at > 0)
        {
            name = name[..at];
        }

        // Clouds write region and vendor before the name: us.meta.llama-3.
        for (var dot = name.IndexOf('.'); dot > 1 && !name[..dot].ContainsAnyInRange('0', '9'); dot = name.IndexOf('.'))
        {
            name = name[(dot + 1)..];
        }

        return WithoutDate(name).ToString().ToLowerInvariant();
    }

    /// <summary>The name without a trailing <c>-YYYY-MM-DD</c> or <c>-YYYYMMDD</c>; the name itself when it has none.</summary>
    public static ReadOnlySpan<char> WithoutDate(ReadOnlySpan<char> name)
    {
        if (name.Length > 11 && name[^11] == '-' && IsDigits(name[^10..^6]) && name[^6] == '-' && IsDigits(name[^5..^3]) && name[^3] == '-' && IsDigits(name[^2..]))
        {
            return name[..^11];
        }

        return name.Length > 9 && name[^9] == '-' && name[^8] == '2' && name[^7] == '0' && IsDigits(name[^8..]) ? name[..^9] : name;
    }

    /// <summary>The base of a fine-tuned model, <c>ft:base</c> of <c>ft:base:organisation:suffix:id</c>; null when it is none.</summary>
    public static string? FineTuneBase(string model)
    {
        if (!model.StartsWith("ft:", StringComparison.Ordinal))
        {
            return null;
        }

        var end = model.IndexOf(':', 3);
        return end < 0 ? null : model[..end];
    }

    /// <summary>True for entries that price a class of models and cannot be called by that name.</summary>
    public static bool IsPriceClass(string model)
        => model.StartsWith("ft:", StringComparison.Ordinal)
            || model.StartsWith("together-ai-", StringComparison.Ordinal)
            || model.StartsWith("fireworks-ai-", StringComparison.Ordinal);

    private static bool IsDigits(ReadOnlySpan<char> text) => !text.ContainsAnyExceptInRange('0', '9');
}
