;; Answers HTTP requests by the letter behind the last `/` of their path:
;;
;; - `a`: 100 for a status, which is none of an answer.
;; - `b`: a body that never ends.
;; - `c`: what `get_free` of the topic `compute` gives, or 502 and a message.
;; - `e`: the body that came.
;; - `f`: a body that is left unfinished.
;; - `g`: `5` if an HTTP request of its own was denied.
;; - `h`: `ok` after 400 milliseconds.
;; - `k`: `ok`, and keeps its request.
;; - `n`: how many requests its instance has had.
;; - `o`: `ok`.
;; - `r`: nothing.
;; - `s`: computes and never ends.
;; - `t`: traps.
;; - `u`: traps when its answer was given and finished.
;; - `v`: the digit that stands for VERSION.
;; - `w`: waits for an hour.
;;
;; As a command it does nothing, and does it well.
(module
  (import "wasi:clocks/monotonic-clock@0.2.12" "subscribe-duration"
    (func $after (param $nanoseconds i64) (result i32)))
  (import "wasi:io/poll@0.2.12" "[method]pollable.block" (func $block (param i32)))
  (import "wasi:io/poll@0.2.12" "[resource-drop]pollable" (func $drop_pollable (param i32)))
  (import "wasi:io/streams@0.2.12" "[method]output-stream.blocking-write-and-flush"
    (func $write (param $stream i32) (param $text i32) (param $length i32) (param $result i32)))
  (import "wasi:io/streams@0.2.12" "[resource-drop]output-stream" (func $drop_output (param i32)))
  (import "wasi:io/streams@0.2.12" "[method]input-stream.blocking-read"
    (func $read (param $stream i32) (param $most i64) (param $result i32)))
  (import "wasi:io/streams@0.2.12" "[resource-drop]input-stream" (func $drop_input (param i32)))
  (import "wasi:http/types@0.2.12" "[constructor]fields" (func $fields (result i32)))
  (import "wasi:http/types@0.2.12" "[method]incoming-request.path-with-query"
    (func $path (param $request i32) (param $result i32)))
  (import "wasi:http/types@0.2.12" "[method]incoming-request.consume"
    (func $consume (param $request i32) (param $result i32)))
  (import "wasi:http/types@0.2.12" "[resource-drop]incoming-request"
    (func $drop_request (param i32)))
  (import "wasi:http/types@0.2.12" "[method]incoming-body.stream"
    (func $stream (param $body i32) (param $result i32)))
  (import "wasi:http/types@0.2.12" "[resource-drop]incoming-body"
    (func $drop_incoming (param i32)))
  (import "wasi:http/types@0.2.12" "[constructor]outgoing-response"
    (func $response (param $fields i32) (result i32)))
  (import "wasi:http/types@0.2.12" "[method]outgoing-response.set-status-code"
    (func $status (param $response i32) (param $status i32) (result i32)))
  (import "wasi:http/types@0.2.12" "[method]outgoing-response.body"
    (func $body (param $response i32) (param $result i32)))
  (import "wasi:http/types@0.2.12" "[method]outgoing-body.write"
    (func $output (param $body i32) (param $result i32)))
  (import "wasi:http/types@0.2.12" "[static]outgoing-body.finish"
    (func $finish (param $body i32) (param $has_trailers i32) (param i32) (param $result i32)))
  (import "wasi:http/types@0.2.12" "[static]response-outparam.set"
    (func $set
      (param $out i32) (param $is_error i32) (param $response i32)
      (param i32) (param i64) (param i32) (param i32) (param i32) (param i32)))
  (import "wasi:http/types@0.2.12" "[resource-drop]response-outparam"
    (func $drop_out (param i32)))
  (import "wasi:http/types@0.2.12" "[constructor]outgoing-request"
    (func $own_request (param $fields i32) (result i32)))
  (import "wasi:http/types@0.2.12" "[method]outgoing-request.set-authority"
    (func $set_authority (param i32) (param i32) (param i32) (param i32) (result i32)))
  (import "wasi:http/types@0.2.12" "[method]outgoing-request.set-path-with-query"
    (func $set_path (param i32) (param i32) (param i32) (param i32) (result i32)))
  (import "wasi:http/types@0.2.12" "[method]future-incoming-response.subscribe"
    (func $subscribe (param $future i32) (result i32)))
  (import "wasi:http/types@0.2.12" "[method]future-incoming-response.get"
    (func $get (param $future i32) (param $result i32)))
  (import "wasi:http/types@0.2.12" "[resource-drop]future-incoming-response"
    (func $drop_future (param i32)))
  (import "wasi:http/outgoing-handler@0.2.12" "handle"
    (func $send (param $request i32) (param $has_options i32) (param i32) (param $result i32)))
  (import "oslo:messaging/client@0.1.0" "[static]client.open"
    (func $open (param $arguments i32) (param $result i32)))
  (import "oslo:messaging/client@0.1.0" "[resource-drop]client" (func $close (param i32)))
  (import "oslo:messaging/rpc@0.1.0" "call"
    (func $call
      (param $client i32)
      (param $context i32) (param i32)
      (param $method i32) (param i32)
      (param $args i32) (param i32)
      (param $has_options i32) (param i32)
      (param $result i32)))

  (memory (export "memory") 2)
  (data (i32.const 0x10) "default")
  (data (i32.const 0x20) "compute")
  (data (i32.const 0x30) "get_free")
  (data (i32.const 0x40) "{}")
  (data (i32.const 0x50) "ok")
  (data (i32.const 0x60) "/")
  ;; The arguments of `open`: the transport's name, and of the target the topic.
  (data (i32.const 0x180) "\10\00\00\00" "\07\00\00\00")
  (data (i32.const 0x194) "\01\00\00\00" "\20\00\00\00" "\07\00\00\00")

  (global $served (mut i32) (i32.const 0))
  (global $free (mut i32) (i32.const 0x1000))
  (func (export "cabi_realloc")
    (param $old i32) (param $old_size i32) (param $align i32) (param $size i32) (result i32)
    (local $at i32)
    (local.set $at (i32.and (i32.add (global.get $free) (i32.const 7)) (i32.const -8)))
    (global.set $free (i32.add (local.get $at) (local.get $size)))
    (if (i32.gt_u (global.get $free) (i32.mul (memory.size) (i32.const 0x10000)))
      (then (drop (memory.grow (i32.add (i32.const 1)
        (i32.shr_u (local.get $size) (i32.const 16)))))))
    (local.get $at))

  ;; Begins an answer and gives its body, with the stream that it is written to at 0x404.
  (func $begin (param $out i32) (param $status i32) (result i32)
    (local $response i32)
    (local $body i32)
    (local.set $response (call $response (call $fields)))
    (drop (call $status (local.get $response) (local.get $status)))
    (call $body (local.get $response) (i32.const 0x400))
    (local.set $body (i32.load (i32.const 0x404)))
    (call $set (local.get $out) (i32.const 0) (local.get $response)
      (i32.const 0) (i64.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))
    (call $output (local.get $body) (i32.const 0x400))
    (local.get $body))

  (func $answer (param $out i32) (param $status i32) (param $text i32) (param $length i32)
    (local $body i32)
    (local.set $body (call $begin (local.get $out) (local.get $status)))
    (call $write (i32.load (i32.const 0x404)) (local.get $text) (local.get $length)
      (i32.const 0x410))
    (call $drop_output (i32.load (i32.const 0x404)))
    (call $finish (local.get $body) (i32.const 0) (i32.const 0) (i32.const 0x410)))

  (func $digit (param $out i32) (param $number i32)
    (i32.store8 (i32.const 0x340) (i32.add (local.get $number) (i32.const 0x30)))
    (call $answer (local.get $out) (i32.const 200) (i32.const 0x340) (i32.const 1)))

  (func $ok (param $out i32)
    (call $answer (local.get $out) (i32.const 200) (i32.const 0x50) (i32.const 2)))

  (func $wait (param $nanoseconds i64)
    (local $pollable i32)
    (local.set $pollable (call $after (local.get $nanoseconds)))
    (call $block (local.get $pollable))
    (call $drop_pollable (local.get $pollable)))

  (func $compute (param $out i32)
    (local $client i32)
    (call $open (i32.const 0x180) (i32.const 0x400))
    (local.set $client (i32.load (i32.const 0x408)))
    (if (i32.load8_u (i32.const 0x400))
      (then
        (call $answer (local.get $out) (i32.const 502)
          (i32.load (i32.const 0x418)) (i32.load (i32.const 0x41c)))
        (return)))
    (call $call (local.get $client)
      (i32.const 0x40) (i32.const 2)
      (i32.const 0x30) (i32.const 8)
      (i32.const 0x40) (i32.const 2)
      (i32.const 0) (i32.const 0)
      (i32.const 0x480))
    (call $close (local.get $client))
    (if (i32.load8_u (i32.const 0x480))
      (then
        (call $answer (local.get $out) (i32.const 502)
          (i32.load (i32.const 0x498)) (i32.load (i32.const 0x49c))))
      (else
        (call $answer (local.get $out) (i32.const 200)
          (i32.load (i32.const 0x488)) (i32.load (i32.const 0x48c))))))

  (func $echo (param $request i32) (param $out i32)
    (local $incoming i32)
    (local $input i32)
    (local $body i32)
    (call $consume (local.get $request) (i32.const 0x420))
    (local.set $incoming (i32.load (i32.const 0x424)))
    (call $stream (local.get $incoming) (i32.const 0x420))
    (local.set $input (i32.load (i32.const 0x424)))
    (local.set $body (call $begin (local.get $out) (i32.const 200)))
    (block $end
      (loop $more
        (call $read (local.get $input) (i64.const 4096) (i32.const 0x420))
        (br_if $end (i32.load8_u (i32.const 0x420)))
        (call $write (i32.load (i32.const 0x404))
          (i32.load (i32.const 0x424)) (i32.load (i32.const 0x428)) (i32.const 0x430))
        (br_if $more (i32.eqz (i32.load8_u (i32.const 0x430))))))
    (call $drop_output (i32.load (i32.const 0x404)))
    (call $drop_input (local.get $input))
    (call $drop_incoming (local.get $incoming))
    (call $finish (local.get $body) (i32.const 0) (i32.const 0) (i32.const 0x410)))

  (func $own (param $out i32)
    (local $future i32)
    (local $pollable i32)
    (local $request i32)
    (local.set $request (call $own_request (call $fields)))
    (drop (call $set_authority (local.get $request) (i32.const 1) (i32.const 0x20) (i32.const 7)))
    (drop (call $set_path (local.get $request) (i32.const 1) (i32.const 0x60) (i32.const 1)))
    (call $send (local.get $request) (i32.const 0) (i32.const 0) (i32.const 0x480))
    (if (i32.load8_u (i32.const 0x480)) (then unreachable))
    (local.set $future (i32.load (i32.const 0x488)))
    (local.set $pollable (call $subscribe (local.get $future)))
    (call $block (local.get $pollable))
    (call $drop_pollable (local.get $pollable))
    ;; An option, a result, a result, and the number of an error: 15 is that of a denial.
    (call $get (local.get $future) (i32.const 0x480))
    (call $drop_future (local.get $future))
    (if (i32.eqz (i32.load8_u (i32.const 0x490))) (then unreachable))
    (call $digit (local.get $out) (i32.sub (i32.load8_u (i32.const 0x498)) (i32.const 10))))

  (func (export "wasi:http/incoming-handler@0.2.12#handle") (param $request i32) (param $out i32)
    (local $letter i32)
    (global.set $free (i32.const 0x1000))
    (global.set $served (i32.add (global.get $served) (i32.const 1)))
    (call $path (local.get $request) (i32.const 0x380))
    (local.set $letter
      (i32.load8_u
        (i32.sub
          (i32.add (i32.load (i32.const 0x384)) (i32.load (i32.const 0x388)))
          (i32.const 1))))
    (if (i32.eq (local.get $letter) (i32.const 0x61)) ;; a
      (then
        (call $answer (local.get $out) (i32.const 100) (i32.const 0x50) (i32.const 2))))
    (if (i32.eq (local.get $letter) (i32.const 0x62)) ;; b
      (then
        (drop (call $begin (local.get $out) (i32.const 200)))
        (loop $forever
          (call $write (i32.load (i32.const 0x404)) (i32.const 0) (i32.const 4096)
            (i32.const 0x410))
          (br $forever))))
    (if (i32.eq (local.get $letter) (i32.const 0x63)) ;; c
      (then (call $compute (local.get $out))))
    (if (i32.eq (local.get $letter) (i32.const 0x65)) ;; e
      (then (call $echo (local.get $request) (local.get $out))))
    (if (i32.eq (local.get $letter) (i32.const 0x66)) ;; f
      (then
        (drop (call $begin (local.get $out) (i32.const 200)))
        (call $write (i32.load (i32.const 0x404)) (i32.const 0x50) (i32.const 2)
          (i32.const 0x410))))
    (if (i32.eq (local.get $letter) (i32.const 0x67)) ;; g
      (then (call $own (local.get $out))))
    (if (i32.eq (local.get $letter) (i32.const 0x68)) ;; h
      (then (call $wait (i64.const 400000000)) (call $ok (local.get $out))))
    (if (i32.eq (local.get $letter) (i32.const 0x6b)) ;; k
      (then (call $ok (local.get $out)) (return)))
    (if (i32.eq (local.get $letter) (i32.const 0x6e)) ;; n
      (then (call $digit (local.get $out) (global.get $served))))
    (if (i32.eq (local.get $letter) (i32.const 0x6f)) ;; o
      (then (call $ok (local.get $out))))
    (if (i32.eq (local.get $letter) (i32.const 0x72)) ;; r
      (then (call $drop_out (local.get $out))))
    (if (i32.eq (local.get $letter) (i32.const 0x73)) ;; s
      (then (loop $forever (br $forever))))
    (if (i32.eq (local.get $letter) (i32.const 0x74)) ;; t
      (then (unreachable)))
    (if (i32.eq (local.get $letter) (i32.const 0x75)) ;; u
      (then (call $ok (local.get $out)) (unreachable)))
    (if (i32.eq (local.get $letter) (i32.const 0x76)) ;; v
      (then (call $digit (local.get $out) (i32.const VERSION))))
    (if (i32.eq (local.get $letter) (i32.const 0x77)) ;; w
      (then (call $wait (i64.const 3600000000000)) (call $ok (local.get $out))))
    (call $drop_request (local.get $request)))

  (func (export "wasi:cli/run@0.2.12#run") (result i32) (i32.const 0)))
