namespace Gateway.Dialects.Chat;

/// <summary>Fits names of tools to what a target allows, the same name to the same result wherever it is met; <see cref="CallerTools"/> finds the way back.</summary>
internal static class ToolNames
{
    private const int MaxLength = 64;

    /// <summary>The name itself where the target takes it, else one made of it that no other name becomes.</summary>
    public static string Fit(string name, DialectId target)
    {
        if (target != DialectId.Gemini)
        {
            return ToolIds.Fit(name, MaxLength);
        }

        // Gemini takes dots and colons too, but no digit or dash in front.
        return name.Length is > 0 and <= MaxLength && name.All(static c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.' or ':') && IsBeginning(name[0]) ? name
            : ToolIds.Fit(name, MaxLength - 1) is var fitted && fitted != name && IsBeginning(fitted[0]) ? fitted
            : "_" + fitted;
    }

    /// <summary>The request with names that the target takes; the same object where it takes them all.</summary>
    public static ChatRequest Fit(ChatRequest request, DialectId target) =>
        NamesOf(request).Any(name => Fit(name, target) != name) ? request.Rename(name => Fit(name, target)) : request;

    private static bool IsBeginning(char c) => char.IsAsciiLetter(c) || c == '_';

    private static IEnumerable<string> NamesOf(ChatRequest request) =>
        request.Tools.Where(static tool => tool.Kind != ToolKind.Hosted).Select(static tool => tool.Name)
            .Concat(request.Messages.SelectMany(static message => message.Parts).OfType<ToolCallPart>().Select(static call => call.Name));
}
