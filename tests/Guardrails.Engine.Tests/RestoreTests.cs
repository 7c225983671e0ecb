using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Gateway.Guardrails.Engine.Changes;

namespace Gateway.Guardrails.Engine.Tests;

public sealed class RestoreTests
{
    private static readonly PseudonymRestorer _restorer = new(
    [
        new("[EMAIL_1]", "a\"b@x.org"), new("[EMAIL_12]", "long\n@y.org"), new("[PERSON_1]", "Zoë \\ O'Neil"), new("Alden Dunmere", "Jane Roe"), new("Alden", "Jim"), new("[[", "]"),
    ]);

    private static readonly JsonSerializerOptions _relaxed = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly string[] _fragments = ["[EMAIL_1]", "[EMAIL_12]", "[EMAIL_", "[EMAIL", "[PERSON_1]", "Alden Dunmere", "Alden", "Dunmere", "Aldens", "[", "[[", "[[[", "1]", "\"", "\\", "é", "\ud83d"];

    [Theory]
    [InlineData("mail [EMAIL_1], not [EMAIL_2] or [EMAIL_12]", "mail a\"b@x.org, not [EMAIL_2] or long\n@y.org")]
    [InlineData("Alden Dunmere and Alden, not Aldens or McAlden", "Jane Roe and Jim, not Aldens or McAlden")]
    [InlineData("Alden Dunmer", "Jim Dunmer")]
    [InlineData("Alden Dunmeres", "Jim Dunmeres")]
    public void Originals_come_back(string text, string expected) => Assert.Equal(expected, _restorer.Restore(text));

    [Fact]
    public void A_stream_restores_what_the_whole_restores() =>
        Streaming.Property(Streaming.Texts(_fragments), static text => AssertSame(text, isJson: false));

    [Fact]
    public void In_json_every_string_is_restored_whatever_its_escapes() =>
        Prop.ForAll(Streaming.Texts(_fragments).ToArbitrary(), Gen.Elements(0, 1, 2).ToArbitrary(), static (text, escaping) =>
        {
            var json = $"{{\"a\":{Json(text, escaping)},\"n\":[1,\"x\"]}}";
            AssertSame(json, isJson: true);
            if (!text.Contains('\ud83d', StringComparison.Ordinal))
            {
                using var restored = JsonDocument.Parse(_restorer.Restore(json, isJson: true));
                Assert.Equal(_restorer.Restore(text), restored.RootElement.GetProperty("a").GetString());
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(80));

    [Fact]
    public void The_same_text_has_the_same_stand_in_and_another_key_another_hash()
    {
        var (mine, theirs) = (new TextSubstitutes(new byte[] { 1 }), new TextSubstitutes(new byte[] { 2 }));

        Assert.Equal("[EMAIL_1]", mine.Pseudonym("email", "a@b.org", realistic: false));
        Assert.Equal("[EMAIL_2]", mine.Pseudonym("email", "c@b.org", realistic: false));
        Assert.Equal("[EMAIL_1]", mine.Pseudonym("email", "a@b.org", realistic: false));
        Assert.Equal(mine.Hash("email", "a@b.org"), mine.Hash("email", "a@b.org"));
        Assert.NotEqual(mine.Hash("email", "a@b.org"), theirs.Hash("email", "a@b.org"));
        Assert.NotEqual(mine.Hash("email", "a@b.org"), mine.Hash("person", "a@b.org"));
    }

    [Fact]
    public void Numbers_go_on_after_what_is_remembered()
    {
        var conversation = new TextSubstitutes(new byte[] { 1 });
        conversation.Remember("email", "a@b.org", "[EMAIL_7]", realistic: false);

        Assert.Equal("[EMAIL_7]", conversation.Pseudonym("email", "a@b.org", realistic: false));
        Assert.Equal("[EMAIL_8]", conversation.Pseudonym("email", "c@b.org", realistic: false));
    }

    [Fact]
    public void Made_up_values_are_of_the_kind_and_all_different()
    {
        var conversation = new TextSubstitutes(new byte[] { 1 });
        var made = new HashSet<string>(StringComparer.Ordinal);
        foreach (var kind in new[] { "person", "email", "phone", "credit_card", "ip_address", "url", "address", "organization", "location", "us_ssn" })
        {
            for (var i = 0; i < 40; i++)
            {
                Assert.True(made.Add(conversation.Pseudonym(kind, $"4{i:00}-12-{kind.Length:0000}", realistic: true)), kind);
            }
        }
    }

    [Fact]
    public void A_stand_in_that_comes_back_stays_and_nothing_is_made_up_for_numbers_that_could_be_somebodys()
    {
        var conversation = new TextSubstitutes(new byte[] { 1 }, most: 3);
        var email = conversation.Pseudonym("email", "a@b.org", realistic: true);

        Assert.Equal(email, conversation.Pseudonym("email", email, realistic: true));
        Assert.Equal("[IBAN_1]", conversation.Pseudonym("iban", "DE89370400440532013000", realistic: true));
        Assert.Equal("[IBAN_2]", conversation.Pseudonym("iban", "DE02120300000000202051", realistic: false));
        Assert.Equal("[PERSON]", conversation.Pseudonym("person", "Jane Roe", realistic: true));
        Assert.Equal($"Write to {email}.", conversation.TakeOut("Write to a@b.org."));
        Assert.Equal([email, "[IBAN_1]", "[IBAN_2]"], conversation.Made.Select(static m => m.Text));
    }

    [Fact]
    public void What_is_remembered_is_not_made_again()
    {
        var first = new TextSubstitutes(new byte[] { 1 });
        string[] names = [.. Enumerable.Range(0, 600).Select(i => first.Pseudonym("person", $"somebody {i}", realistic: true))];
        var second = new TextSubstitutes(new byte[] { 1 });
        foreach (var made in first.Made)
        {
            second.Remember(made.Kind, made.Original, made.Text, made.Realistic);
        }

        Assert.Equal(600, names.Distinct().Count());
        Assert.Equal(names[17], second.Pseudonym("person", "somebody 17", realistic: true));
        Assert.Empty(second.Made);
        Assert.DoesNotContain(second.Pseudonym("person", "somebody else", realistic: true), names);
    }

    private static string Json(string text, int escaping)
    {
        var json = JsonSerializer.Serialize(text.Replace("\ud83d", escaping == 0 ? "" : "\ud83d", StringComparison.Ordinal), escaping == 0 ? JsonSerializerOptions.Default : _relaxed);
        return escaping != 2 ? json : string.Concat("\"", string.Concat(text.Select(static c => $"\\u{(int)c:x4}")), "\"");
    }

    private static void AssertSame(string text, bool isJson)
    {
        var whole = _restorer.Restore(text, isJson);
        for (var cut = 0; cut <= text.Length; cut++)
        {
            var stream = new RestoringStream(_restorer, isJson);
            Assert.Equal(whole, stream.Push(text.AsSpan(0, cut)) + stream.Push(text.AsSpan(cut)) + stream.Complete());
        }

        var letters = new RestoringStream(_restorer, isJson);
        var released = "";
        foreach (var c in text)
        {
            released += letters.Push([c]);
            Assert.InRange(letters.Held, 0, _restorer.Longest + 7);
        }

        Assert.Equal(whole, released + letters.Complete());
    }
}
