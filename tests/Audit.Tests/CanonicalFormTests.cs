using System.Text;

namespace Gateway.Audit.Tests;

public sealed class CanonicalFormTests
{
    private static readonly AuditRow Row = new()
    {
        Chain = "customer:acme",
        Sequence = 2,
        AtMicros = 1_790_000_000_000_001,
        ActorId = "bootstrap",
        ActorName = "Bootstrap admin key",
        ActorRole = "owner",
        Action = "create",
        Kind = "team",
        EntryId = "búho",
        Detail = """{"after":{"id":"búho"}}""",
        RequestId = "r1",
        Address = "192.0.2.7",
        Reason = "",
        Previous = CanonicalForm.Genesis,
    };

    /// <summary>Persisted: rows of years ago have these hashes.</summary>
    [Fact]
    public void The_bytes_and_the_hash_of_a_row_never_change()
    {
        Assert.Equal(
            "19:gateway-audit-row-1,13:customer:acme,1:2,16:1790000000000001,9:bootstrap,19:Bootstrap admin key,5:owner,6:create,4:team,5:búho,24:{\"after\":{\"id\":\"búho\"}},"
            + "2:r1,9:192.0.2.7,0:,64:0000000000000000000000000000000000000000000000000000000000000000,",
            Encoding.UTF8.GetString(CanonicalForm.Of(Row)));
        Assert.Equal("d8939c84d706e323a8e13b17ac66664170805ea29885d9ce19ef47150c468a15", CanonicalForm.Hash(Row));
    }

    [Fact]
    public void The_bytes_of_a_checkpoint_never_change()
        => Assert.Equal(
            "26:gateway-audit-checkpoint-1,6:anchor,7:gateway,1:9,2:ab,1:7,16:0123456789abcdef,",
            Encoding.UTF8.GetString(CanonicalForm.Of(new AuditCheckpoint { Chain = "gateway", Sequence = 9, Hash = "ab", AtMicros = 7, Purpose = CheckpointPurpose.Anchor, KeyId = "0123456789abcdef" })));

    [Fact]
    public void The_line_of_a_row_never_changes()
        => Assert.Equal(
            """{"chain":"customer:acme","sequence":2,"atMicros":1790000000000001,"actorId":"bootstrap","actorName":"Bootstrap admin key","actorRole":"owner","action":"create","kind":"team","entryId":"búho","detail":"{\"after\":{\"id\":\"búho\"}}","requestId":"r1","address":"192.0.2.7","reason":"","previous":"0000000000000000000000000000000000000000000000000000000000000000","hash":""}""",
            Encoding.UTF8.GetString(AuditLines.Write(Row)));

    [Fact]
    public void Only_keys_that_are_p256_are_read()
    {
        using var signing = CheckpointKeys.Read(CheckpointKeys.NewPrivatePem());
        using var other = CheckpointKeys.Read(CheckpointKeys.NewPrivatePem() + signing!.PublicPem);
        using var verifying = CheckpointKeys.Read(signing.PublicPem);

        Assert.Null(CheckpointKeys.Read("nothing"));
        Assert.Null(CheckpointKeys.Read("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"));
        Assert.Null(verifying!.SigningKeyId);
        var checkpoint = signing.Sign(new AuditCheckpoint { Chain = "gateway", Sequence = 1, Hash = "ab", AtMicros = 1, KeyId = "" });
        Assert.Null(verifying.Problem(checkpoint));
        Assert.Null(other!.Problem(checkpoint));
        Assert.NotEqual(signing.SigningKeyId, other.SigningKeyId);
        Assert.NotNull(verifying.Problem(other.Sign(checkpoint)));
    }
}
