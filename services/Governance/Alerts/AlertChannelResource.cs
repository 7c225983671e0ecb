using System.Collections.Immutable;
using System.Net.Mail;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Serialization.Metadata;
using Gateway.Governance.Api;
using Gateway.Governance.Credentials;
using Gateway.Governance.Entries;
using Gateway.Governance.Secrets;

namespace Gateway.Governance.Alerts;

internal sealed class AlertChannelResource(KeyRing ring, SecretBook secrets) : ResourceType<StoredChannel, AlertChannelView>
{
    private const int MostReceivers = 50;
    private const int AddressLength = 256;
    private const int SecretLength = 4096;
    private const int MostCertificate = 64 * 1024;
    private const int MostTopics = 4;

    public override string Kind => EntryKinds.AlertChannel;

    public override string Plural => "channels";

    public override JsonTypeInfo<StoredChannel> StoredJson => AlertJson.Default.StoredChannel;

    public override JsonTypeInfo<AlertChannelView> ViewJson => AlertJson.Default.AlertChannelView;

    public override IReadOnlyList<string> ReadOnlyFields => ["hasSecret"];

    public override Type RequestType => typeof(AlertChannelRequest);

    public override ImmutableSortedDictionary<string, Stored<StoredChannel>> Table(ConfigState state) => state.AlertChannels;

    public override string IdOf(StoredChannel stored) => stored.Id;

    public override AlertChannelView View(StoredChannel stored) => new()
    {
        Id = stored.Id, Name = stored.Name, Type = stored.Type, Enabled = stored.Enabled, Url = stored.Url, Host = stored.Host, Port = stored.Port, Security = stored.Security,
        User = stored.User, From = stored.From, To = stored.To, CaCertificate = stored.CaCertificate, Topics = stored.Topics, GroupSeconds = stored.GroupSeconds,
        QuietFrom = stored.QuietFrom, QuietTo = stored.QuietTo, TimeZone = stored.TimeZone, SecretRef = stored.SecretRef, HasSecret = stored.Sealed.Length > 0,
    };

    public override StoredChannel Read(ObjectReader reader, ReadContext<StoredChannel> context)
    {
        var id = ReadId(reader, context, made: true);
        var channel = new StoredChannel
        {
            Id = id,
            Name = reader.Text("name", required: true, Formats.NameLength) ?? "",
            Type = reader.Choice("type", context.Existing?.Type ?? AlertChannelType.Webhook),
            Enabled = reader.Boolean("enabled", true),
            Url = reader.Text("url", required: false, AddressLength * 4, WebAddress),
            Host = reader.Text("host", required: false, AddressLength, static h => Uri.CheckHostName(h) == UriHostNameType.Unknown ? "must be a host name or an address." : null),
            Port = reader.Integer("port", 1, 65_535, 587),
            Security = reader.Choice("security", MailSecurity.StartTls),
            User = reader.Text("user", required: false, AddressLength),
            From = reader.Text("from", required: false, AddressLength, Mailbox),
            To = reader.Texts("to", MostReceivers, AddressLength, Mailbox),
            SecretRef = SecretReferenceForm.Read(reader),
            CaCertificate = reader.Document("caCertificate", MostCertificate, Certificates),
            Topics = [.. reader.Texts("topics", MostTopics, Formats.NameLength, Topic).Select(static t => Enum.TryParse<AlertTopic>(t, out var topic) ? topic : default).Where(Enum.IsDefined).Distinct()],
            GroupSeconds = reader.Integer("groupSeconds", 0, 3_600, 10),
            QuietFrom = reader.Text("quietFrom", required: false, 5, QuietHours.Wrong),
            QuietTo = reader.Text("quietTo", required: false, 5, QuietHours.Wrong),
            TimeZone = reader.Text("timeZone", required: false, Formats.NameLength, static z => TimeZoneInfo.TryFindSystemTimeZoneById(z, out _) ? null : "is no time zone that this machine knows, like Europe/Berlin."),
        };
        if (reader.Has("quietFrom") != reader.Has("quietTo"))
        {
            reader.Error(reader.Has("quietTo") ? "quietFrom" : "quietTo", "is required with the other end of the quiet hours.");
        }

        var secret = reader.Text("secret", required: false, SecretLength);
        if (secret is not null && channel.SecretRef is not null)
        {
            reader.Error("secret", "and secretRef exclude each other. To store the secret here from now on, set secretRef to null.");
        }

        var kept = secret is null && channel.SecretRef is null && context.Existing is { Sealed.Length: > 0 } existing && existing.Type == channel.Type ? existing : null;
        Check(reader, channel, secret, kept is not null || channel.SecretRef is not null);
        if (kept is not null)
        {
            if (kept.Url != channel.Url || kept.Host != channel.Host || kept.Port != channel.Port || kept.Security != channel.Security || kept.CaCertificate != channel.CaCertificate)
            {
                reader.Error("secret", "is required where the address changes: what was meant for one receiver is not sent to another.");
            }

            return channel with { KeyId = kept.KeyId, Sealed = kept.Sealed };
        }

        if (secret is null || reader.Errors.Any)
        {
            return channel;
        }

        var box = ring.Seal(SealedAs(id), "", secret);
        return channel with { KeyId = box.KeyId, Sealed = box.Sealed };
    }

    public override IEnumerable<string> Referrers(string id, ConfigState state)
        => state.Budgets.Values.Where(b => b.Value.AlertChannelIds.Contains(id)).Select(b => $"budget '{b.Value.Id}'");

    /// <summary>The channel's secret: null when it does not open or was not read yet, empty when there is none.</summary>
    public string? Open(StoredChannel channel)
        => channel.SecretRef is { } reference ? secrets.Look(reference)?.Value : channel.Sealed.Length == 0 ? "" : ring.Open(new StoredCredential { Id = SealedAs(channel.Id), ProviderId = "", KeyId = channel.KeyId, Sealed = channel.Sealed });

    // Ids of credentials have no slash, so a ciphertext of one kind never opens as the other.
    public static string SealedAs(string id) => $"alert-channel/{id}";

    // The secret may have been sealed anew.
    protected override bool IsSame(StoredChannel one, StoredChannel other)
        => base.IsSame(one, other)
            || (base.IsSame(one with { KeyId = "", Sealed = "" }, other with { KeyId = "", Sealed = "" }) && Open(one) is { } secret && secret == Open(other));

    private static void Check(ObjectReader reader, StoredChannel channel, string? secret, bool hasSecret)
    {
        switch (channel.Type)
        {
            case AlertChannelType.Webhook:
                Require("url", channel.Url is not null, "is required with the type Webhook.");
                break;
            case AlertChannelType.Slack:
                Require("secret", secret is not null || hasSecret, "is required with the type Slack: the address of the webhook.");
                if (secret is not null && WebAddress(secret) is { } wrong)
                {
                    reader.Error("secret", wrong);
                }

                break;
            default:
                Require("host", channel.Host is not null, "is required with the type Email.");
                Require("from", channel.From is not null, "is required with the type Email.");
                Require("to", channel.To.Count > 0, "must name a receiver with the type Email.");
                Require("user", channel.User is null || channel.Security != MailSecurity.None, "must not be set without TLS: the password would be sent in the clear.");
                break;
        }

        void Require(string field, bool good, string message)
        {
            if (!good && !reader.Errors.Any)
            {
                reader.Error(field, message);
            }
        }
    }

    public static string? WebAddress(string text)
        => Uri.TryCreate(text, UriKind.Absolute, out var uri) && (uri.Scheme == Uri.UriSchemeHttps || uri.Scheme == Uri.UriSchemeHttp) && uri.UserInfo.Length == 0
            ? null
            : "must be an absolute http or https address without a user name.";

    private static string? Topic(string text) => Enum.TryParse<AlertTopic>(text, out var topic) && Enum.IsDefined(topic) ? null : $"must be one of {string.Join(", ", Enum.GetNames<AlertTopic>())}.";

    private static string? Certificates(string pem)
    {
        try
        {
            var found = new X509Certificate2Collection();
            found.ImportFromPem(pem);
            return found.Count > 0 ? null : "must hold certificates in PEM.";
        }
        catch (CryptographicException)
        {
            return "must hold certificates in PEM.";
        }
    }

    private static string? Mailbox(string text) => MailAddress.TryCreate(text, out _) ? null : "must be a mail address.";
}
