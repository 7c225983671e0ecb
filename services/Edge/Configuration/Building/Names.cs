using System.Buffers;

namespace Gateway.Edge.Configuration.Building;

/// <summary>Checks of names that the user chose.</summary>
internal static class Names
{
    private const int LongestId = 128;
    private const int LongestRoute = 256;
    private const int LongestDisplayName = 200;
    private static readonly SearchValues<char> ProviderCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-_.");

    /// <summary>A provider id: it becomes the first part of deployment ids and route names.</summary>
    public static bool CheckProvider(BuildContext context, TextValue id)
    {
        if (id.Text.Length is > 0 and <= 64 && !id.Text.AsSpan().ContainsAnyExcept(ProviderCharacters))
        {
            return true;
        }

        context.Error(id, "This is no provider id. Legal: 1 to 64 lower-case letters, digits, '-', '_', '.'.");
        return false;
    }

    /// <summary>Any other id.</summary>
    public static bool CheckId(BuildContext context, TextValue id) => Check(context, id, LongestId, "an id");

    /// <summary>A public model name or pattern.</summary>
    public static bool CheckRoute(BuildContext context, TextValue name)
    {
        if (!Check(context, name, LongestRoute, "a model name"))
        {
            return false;
        }

        if (name.Text.Count(static c => c == '*') <= 1)
        {
            return true;
        }

        context.Error(name, "A '*' is only allowed once. Legal: a model name, in which one '*' stands for any characters.");
        return false;
    }

    /// <summary>The display name of a section, its id when it has none.</summary>
    public static string Display(BuildContext context, SectionReader section, TextValue id)
    {
        if (section.Text("name") is not { } name)
        {
            return id.Text;
        }

        if (name.Text.Length > LongestDisplayName)
        {
            context.Error(name, $"This is too long. Legal: text of at most {LongestDisplayName} characters.");
        }

        return name.Text;
    }

    private static bool Check(BuildContext context, TextValue id, int longest, string what)
    {
        if (id.Text.Length > 0 && id.Text.Length <= longest && !id.Text.Any(static c => char.IsWhiteSpace(c) || char.IsControl(c)))
        {
            return true;
        }

        context.Error(id, $"This is not {what}. Legal: 1 to {longest} characters without spaces.");
        return false;
    }
}
