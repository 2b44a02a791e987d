<?php

namespace App\Mintro;

/** Whether a webhook is Mintro's (Standard Webhooks 1.0). Needs nothing but PHP 8.1. */
final class Webhook
{
    private const TOLERANCE_SECONDS = 5 * 60;

    /**
     * The event, as an array. `$body` is the body as it came: JSON that was decoded and encoded again is not what was
     * signed.
     *
     * @throws InvalidWebhook answer it with 400, and do nothing else
     */
    public static function verify(string $body, ?string $id, ?string $timestamp, ?string $signatures, string $secret): array
    {
        if (!ctype_digit((string) $timestamp) || abs(time() - (int) $timestamp) > self::TOLERANCE_SECONDS) {
            throw new InvalidWebhook('webhook-timestamp is missing or more than five minutes off');
        }
        $key = base64_decode(preg_replace('/^whsec_/', '', $secret), true);
        if (!$key) {
            throw new \LogicException('The secret must be whsec_ and base64 after it.'); // an empty key would be anybody's
        }
        $expected = 'v1,' . base64_encode(hash_hmac('sha256', "{$id}.{$timestamp}.{$body}", $key, true));
        // While a secret is rotated there are several signatures, and one match is enough.
        foreach (explode(' ', (string) $signatures) as $given) {
            if (hash_equals($expected, $given)) {
                return json_decode($body, true, flags: JSON_THROW_ON_ERROR);
            }
        }
        throw new InvalidWebhook('no signature matches');
    }
}
