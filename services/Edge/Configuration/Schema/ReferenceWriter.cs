using System.Text;

namespace Gateway.Edge.Configuration.Schema;

/// <summary>Writes the table of all keys for the reference page, from the same settings that the loader checks against.</summary>
internal static class ReferenceWriter
{
    /// <summary>Line of the reference page before the table.</summary>
    public const string Begin = "<!-- begin of the table written from services/Edge/Configuration/Schema -->";

    /// <summary>Line of the reference page after the table.</summary>
    public const string End = "<!-- end of the table -->";

    /// <summary>Markdown: a heading and a table for each top-level key.</summary>
    public static string Write()
    {
        var text = new StringBuilder();
        var settings = ConfigurationSchema.All;
        Table(text, "Top level", settings.Where(static s => s.Parent.Length == 0 && s.Type is not (SettingType.Section or SettingType.Map)));
        foreach (var top in settings.Where(static s => s.Parent.Length == 0 && s.Type is SettingType.Section or SettingType.Map))
        {
            Table(text, $"`{top.Path}`", settings.Where(s => s.Path.StartsWith(top.Path + ".", StringComparison.Ordinal)), top.Meaning);
        }

        return text.ToString();
    }

    private static void Table(StringBuilder text, string heading, IEnumerable<Setting> settings, string? meaning = null)
    {
        text.Append("\n### ").Append(heading).Append("\n\n");
        if (meaning is not null)
        {
            text.Append(meaning).Append("\n\n");
        }

        text.Append("| key | legal values | default | meaning |\n|---|---|---|---|\n");
        foreach (var setting in settings)
        {
            text.Append("| `").Append(setting.Path).Append("` | ").Append(Cell(setting.Legal)).Append(" | ")
                .Append(setting.Required ? "required" : setting.Default.Length > 0 ? $"`{setting.Default}`" : "").Append(" | ")
                .Append(Cell(setting.Meaning)).Append(" |\n");
        }
    }

    private static string Cell(string text) => text.Replace("|", "\\|", StringComparison.Ordinal);
}
