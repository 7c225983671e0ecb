using Gateway.Contracts.Configuration;
using Gateway.Edge.Configuration.Yaml;
using Gateway.Mcp;

namespace Gateway.Edge.Configuration.Building;

/// <summary>Checks of what the sections of the hub have in common; the same as governance makes of its entries.</summary>
internal static class McpChecks
{
    private const int DescriptionLength = 1000;
    private const int AddressLength = 2000;

    /// <summary>The id of a server or bundle.</summary>
    public static void Id(BuildContext context, TextValue id)
    {
        if (!McpIds.IsGood(id.Text))
        {
            context.Error(id, $"This id {McpIds.Form}.");
        }
        else if (id.Text == McpIds.Hub)
        {
            context.Error(id, "This id is the hub's own: /mcp/gateway has the tools by which others are searched.");
        }
    }

    public static string Description(BuildContext context, SectionReader section)
    {
        if (section.Text("description") is not { } text)
        {
            return "";
        }

        if (text.Text.Length > DescriptionLength)
        {
            context.Error(text, $"This is too long. Legal: text of at most {DescriptionLength} characters.");
        }

        return text.Text;
    }

    /// <summary>An address, which may have a query; null where there is none.</summary>
    public static string? Address(BuildContext context, SectionReader section, string key)
    {
        if (section.Text(key) is not { } text)
        {
            return null;
        }

        if (text.Text.Length > AddressLength || !Uri.TryCreate(text.Text, UriKind.Absolute, out var uri) || (uri.Scheme != Uri.UriSchemeHttps && uri.Scheme != Uri.UriSchemeHttp))
        {
            context.Error(text, "This is no address. Legal: an absolute http or https address, for example https://mcp.example.com/mcp.");
        }
        else if (uri.UserInfo.Length > 0 || uri.Fragment.Length > 0)
        {
            context.Error(text, uri.Fragment.Length > 0 ? "An address has no fragment here." : "An address has no user name or password here: put the secret under 'auth'.");
        }

        return text.Text;
    }

    /// <summary>A header that is not the hub's own; its value too, where there is one.</summary>
    public static bool Header(BuildContext context, TextValue name, TextValue? value)
    {
        if (name.Text.Length == 0 || name.Text.Any(static c => !char.IsAsciiLetterOrDigit(c) && !"!#$%&'*+-.^_`|~".Contains(c, StringComparison.Ordinal)))
        {
            context.Error(name, "This is not an HTTP header name.");
            return false;
        }

        if (McpHeaders.IsReserved(name.Text))
        {
            context.Error(name, "This header is set by the hub.");
            return false;
        }

        if (value is not null && value.Text.Any(static c => c is < ' ' or > '~'))
        {
            context.Error(value, "This has characters that a header cannot have. Legal: visible ASCII characters and spaces.");
            return false;
        }

        return true;
    }

    public static void Most(BuildContext context, SectionReader section, string key, int count, int most)
    {
        if (count > most)
        {
            context.Error(section.Join(key), section.PlaceOf(key), $"These are too many. Legal: at most {most}.");
        }
    }

    /// <summary>At least one, at most so many.</summary>
    public static void Some(BuildContext context, SectionReader section, string key, int count, int most)
    {
        if (section.PlaceOf(key) is SequenceNode { Items.Count: 0 })
        {
            context.Error(section.Join(key), section.PlaceOf(key), $"This is empty. Legal: 1 to {most} items.");
        }

        Most(context, section, key, count, most);
    }

    /// <summary>Who approves. What waits for an administrator of an edge that runs alone waits for ever, which is said.</summary>
    public static McpApproval Approval(BuildContext context, SectionReader section, string key, int number)
    {
        var approval = (McpApproval)number;
        if (approval == McpApproval.Admin)
        {
            context.Warn(section.Join(key), section.PlaceOf(key), "Without governance nobody can approve: these calls are refused.");
        }

        return approval;
    }
}
