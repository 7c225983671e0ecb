using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Gateway.Dialects.Envelopes;

namespace Gateway.Dialects.Tests.Envelopes;

/// <summary>Forms: where their parts are, and what is made of broken ones.</summary>
public sealed class FormEnvelopeTests
{
    [Fact]
    public async Task What_the_platform_writes_is_read()
    {
        using var form = new MultipartFormDataContent("some boundary") { { new StringContent("gpt-x"), "model" }, { new ByteArrayContent([0, 13, 10, 45, 45, 255]), "image[]", "a b.png" }, { new StringContent("3"), "n" }, { new StringContent("true"), "stream" } };
        var body = await form.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
        Assert.Equal(EnvelopeProblem.None, FormEnvelope.Read(body, "some boundary", RequestShapes.ImageEdits, false, out var envelope, out var parts).Problem);
        Assert.Equal(["model", "image[]", "n", "stream"], parts.Select(static p => p.Name));
        Assert.Equal((true, 3, true), (envelope.Stream, envelope.Choices, envelope.IsForm));
        Assert.Equal(6, envelope.FileBytes);
        Assert.Equal(1, envelope.Media);
        Assert.Equal("gpt-x", Encoding.UTF8.GetString(body, envelope.ModelStart, envelope.ModelLength));
    }

    [Fact]
    public void The_model_is_replaced_or_put_in_front()
    {
        var named = Encode(Part("file", "x", "f") + Part("model", "old") + "--b--\r\n");
        FormEnvelope.Read(named, "b", RequestShapes.Transcription, false, out var envelope, out _);
        Assert.Equal(Part("file", "x", "f") + Part("model", "new one") + "--b--\r\n", Splice(named, envelope));

        var unnamed = Encode(Part("file", "x", "f") + "--b--\r\n");
        Assert.Equal(EnvelopeProblem.Missing, FormEnvelope.Read(unnamed, "b", RequestShapes.Transcription, false, out _, out _).Problem);
        Assert.Equal(EnvelopeProblem.None, FormEnvelope.Read(unnamed, "b", RequestShapes.Transcription, true, out envelope, out _).Problem);
        Assert.Equal(Part("model", "new one") + Part("file", "x", "f") + "--b--\r\n", Splice(unnamed, envelope));
    }

    [Fact]
    public void Any_file_comes_through_whole()
    {
        Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), file =>
        {
            byte[] body = [.. Encode(Part("model", "m") + "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"f\"\r\n\r\n"), .. file, .. Encode("\r\n--b--\r\n")];
            var error = FormEnvelope.Read(body, "b", RequestShapes.Transcription, false, out _, out var parts);
            return error.Problem == EnvelopeProblem.None && body.AsSpan(parts[1].Start, parts[1].Length).SequenceEqual(file);
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void No_bytes_break_the_reader()
    {
        string[] pieces = ["--b", "--b--", "\r\n", "\r\n\r\n", "Content-Disposition: form-data; name=\"model\"", "; filename=\"", "\"", "=", ";", "x", "--", "\0", "é"];
        Prop.ForAll(Gen.Elements(pieces).ListOf().ToArbitrary(), parts =>
        {
            var body = Encode(string.Concat(parts));
            var error = FormEnvelope.Read(body, "b", RequestShapes.Transcription, true, out _, out var read);
            return error.Problem is EnvelopeProblem.None or EnvelopeProblem.Malformed or EnvelopeProblem.Missing or EnvelopeProblem.Duplicate or EnvelopeProblem.WrongType
                && read.All(p => p.Start >= 0 && p.Length >= 0 && p.Start + p.Length <= body.Length);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(2000));
    }

    [Fact]
    public void Empty_values_and_odd_headers_are_read()
    {
        var body = Encode("preamble\r\n--b  \r\ncontent-disposition: FORM-DATA; filename=\"a \\\"b\\\".png\"; name=image\r\nContent-Type: image/png\r\n\r\n\r\n--b\r\nContent-Disposition: form-data; name=prompt\r\n\r\n\r\n--b--");
        Assert.Equal(EnvelopeProblem.None, FormEnvelope.Read(body, "b", RequestShapes.ImageEdits, true, out _, out var parts).Problem);
        Assert.Equal([("image", 0, true), ("prompt", 0, false)], parts.Select(static p => (p.Name, p.Length, p.IsFile)));
        Assert.Equal(("image/png", "a \"b\".png"), (parts[0].ContentType, parts[0].FileName));
    }

    [Fact]
    public void More_parts_than_allowed_are_refused()
    {
        var body = Encode(string.Concat(Enumerable.Repeat(Part("x", ""), FormEnvelope.MaxParts + 1)) + "--b--");
        Assert.Equal(EnvelopeProblem.Malformed, FormEnvelope.Read(body, "b", RequestShapes.ImageEdits, true, out _, out _).Problem);
    }

    private static byte[] Encode(string text) => Encoding.UTF8.GetBytes(text);

    private static string Part(string name, string value, string? file = null) =>
        $"--b\r\nContent-Disposition: form-data; name=\"{name}\"{(file is null ? "" : $"; filename=\"{file}\"")}\r\n\r\n{value}\r\n";

    private static string Splice(byte[] body, in RequestEnvelope envelope)
    {
        var splice = BodySplice.Plan(body, envelope, Encode("new one"), true);
        var whole = new byte[splice.Length];
        splice.CopyTo(whole);
        return Encoding.UTF8.GetString(whole);
    }
}
